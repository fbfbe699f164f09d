"""The database's schema: is it the one this code was written for, and how to get there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from core.errors import SchemaError
from core.records.engine import explained, open_engine

MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = int.from_bytes(b"bldcells", "big")  # a number that no other program should choose


def migrate(url: str, revision: str = "head") -> None:
    """Brings the database to this code's schema, in one transaction: wholly or not at all.

    Of processes that come at once one does it, and the others wait for it.

    Raises:
        SchemaError: the database was written by newer code.
        RecordError: it cannot be opened or written.
    """
    engine = open_engine(url)
    config = _config()
    try:
        with explained():
            with engine.connect() as connection:
                if _revision(connection, config) == _newest(config):
                    return
            with engine.execution_options(writes=True).begin() as connection:
                _wait_for_turn(connection)
                if _revision(connection, config) != _newest(config):
                    config.attributes["connection"] = connection
                    command.upgrade(config, revision)
    finally:
        engine.dispose()


def check_schema(engine: Engine) -> None:
    """Returns if the database has this code's schema.

    Raises:
        SchemaError: it is older or newer; the message says what to do.
        RecordError: it cannot be opened.
    """
    config = _config()
    with explained(), engine.connect() as connection:
        found = _revision(connection, config)
    wanted = _newest(config)
    if found is None:
        raise SchemaError("The database is empty. To make its tables: python -m core.records")
    if found != wanted:
        raise SchemaError(
            f"The database is at schema {found}, this code needs {wanted}. Make a copy of it, then "
            "run: python -m core.records (it keeps all that was logged)."
        )


def _wait_for_turn(connection: Connection) -> None:
    """Holds PostgreSQL's lock until the transaction ends; SQLite's is taken with "BEGIN"."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _newest(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _revision(connection: Connection, config: Config) -> str | None:
    """The database's revision, None for an empty one."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"The database is at schema {found}, which this code does not know: newer code wrote "
            "it. Update the code, or point BLOODCELLS_DATABASE_URL at another database."
        )
    return found
