"""The database connection: SQLite set so that a committed reading stays, or any other engine."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import RecordError, SettingsError
from core.files import PRIVATE
from core.logs import log

BUSY_TIMEOUT_S = 5.0

_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-65536",  # KiB
)

_ADVICE = {
    "disk is full": "The disk is full: free some space and try again.",
    "locked": "Another process is writing to the database: try again in a moment.",
    "readonly": "The database is read-only: give this process the right to write its folder.",
    "unable to open": "The database cannot be opened: its folder must exist and be writable.",
    "not a database": "This file is no database: restore it from a backup, or name another file.",
    "malformed": "The database is damaged: restore it from a backup.",
    "could not translate host": "No such host: set BLOODCELLS_DATABASE_URL right.",
    "onnection refused": "No database answers at that address: start it, or set "
    "BLOODCELLS_DATABASE_URL right.",
    "authentication failed": "The database refuses the user or the password in "
    "BLOODCELLS_DATABASE_URL.",
    "disk I/O": "The disk reports an error: check it before going on.",
    "QueuePool limit": "All connections to the database are in use: try again in a moment.",
}
_UNKNOWN = "The database failed: try again in a moment. Its log, or this program's, says why."


def open_engine(url: str, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """An engine for a SQLAlchemy URL; the folder of a new SQLite file is made.

    Args:
        url: e.g. ``sqlite:////var/lib/bloodcells/app.db`` or ``postgresql+psycopg://…``.
        busy_timeout_s: how long SQLite waits for another writer before it gives up.

    Raises:
        SettingsError: it is no such URL, or what speaks with that database is not installed.
        RecordError: the folder of a new file cannot be made.
    """
    parts = _parsed(url)
    if parts.get_backend_name() != "sqlite":
        engine = create_engine(parts, pool_pre_ping=True, hide_parameters=True)
        if parts.get_backend_name() == "postgresql":
            event.listen(engine, "connect", _count_days_in_utc)
        return engine
    if parts.database and not parts.database.startswith(("file:", ":memory:")):
        _make_private(Path(parts.database))
    engine = create_engine(parts, connect_args={"timeout": busy_timeout_s}, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _parsed(url: str) -> URL:
    try:
        parts = make_url(url)
        parts.get_dialect().import_dbapi()
    except (ArgumentError, ImportError, ValueError) as error:
        # What is wrong with a URL can hold its password; what is not installed cannot.
        why = f" ({error})" if isinstance(error, ImportError | NoSuchModuleError) else ""
        raise SettingsError(
            f"BLOODCELLS_DATABASE_URL names no database that can be opened here{why}. It reads "
            "like postgresql+psycopg://user:password@host/name, signs in the password as %40 "
            "for @, with the driver installed; leave it empty for app.db in the state folder."
        ) from None
    return parts


def _make_private(file: Path) -> None:
    """Makes the file, or an older one, readable by this account alone; SQLite's logs follow it.

    An existing file is not opened for that: closing it again would free the locks that other
    connections of this process hold on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(
            f"The database's folder {file.parent} cannot be made ({error.strerror}). Set "
            "BLOODCELLS_STATE_DIR to a folder that this process may write."
        ) from error
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, PRIVATE))
    except FileExistsError:
        with suppress(PermissionError):  # somebody else's file, and so their choice
            file.chmod(PRIVATE)
    except OSError:
        return  # SQLite meets the same and says what to do


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Sets what SQLite keeps per connection.

    WAL lets readers go on while one writes. In WAL mode ``synchronous=NORMAL`` may lose the
    last commits when the power fails; FULL syncs the log at each commit, and a prediction is shown
    only after its commit. The last two keep the sorts behind the history off the disk.
    """
    _switch_to_wal(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: Any) -> None:
    """Tries again where several processes open a new file at once.

    SQLite refuses all of them but one without waiting, for each holds what the others wait for.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    """Takes the write lock at the start of a writing transaction.

    A transaction that reads first and then writes cannot wait for the lock: it fails at once.
    """
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _count_days_in_utc(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.commit()


@contextmanager
def explained() -> Iterator[None]:
    """Turns what SQLAlchemy raises in the block into words for a user.

    They tell what to do and nothing of the driver's words, which name the database's host and user
    to strangers, too; the log has the error.

    Raises:
        IntegrityError: as it is, for callers that know which rule was broken.
        RecordError: anything else; the message says how to mend it.
    """
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None)
        said = str(cause or error)
        # Others may name what a user sent.
        told = (
            " ".join(said.split()) if isinstance(error, OperationalError | PoolTimeoutError) else ""
        )
        log.error("database_failed", code=_code(cause), told=told, exc_info=error)
        advice = next((text for words, text in _ADVICE.items() if words in said), _UNKNOWN)
        raise RecordError(advice) from error


def _code(error: BaseException | None) -> str | None:
    """SQLite's name of the error, or the five characters of the SQL standard."""
    found: str | None = getattr(error, "sqlite_errorname", getattr(error, "sqlstate", None))
    return found
