"""Disk full, read-only, locked, damaged, killed: nothing half written, and said plainly."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DataError, OperationalError

from core.errors import LogFailedError, RecordError
from core.records.engine import explained
from core.records.readings import NewReading
from core.records.store import Store
from core.settings import ROOT, Settings, environment_with
from tests.conftest import Logged

LOG_FOR_EVER = """
import sys
from core.prediction import CellRef, Prediction, Status
from core.records.readings import NewReading
from core.records.store import Store
store = Store(sys.argv[1])
given = {"ig": 0.9}
prediction = Prediction(
    CellRef("ab", "a.jpg"), "ig", 0.9, given, {}, (), None, Status.REVIEW, "", "b", *[None] * 3, 1.0
)
reading = NewReading(prediction, thumbnail=bytes(3000))
while True:
    print(*store.log([reading] * 10), flush=True)
"""


@pytest.fixture
def file(store: Store, settings: Settings) -> Path:
    return settings.state_dir / "app.db"


def whole(file: Path) -> set[int]:
    """The ids in a database, after SQLite has looked through all of it."""
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return {row[0] for row in database.execute("SELECT id FROM readings")}


@pytest.fixture
def full_disk(store: Store) -> Iterator[Callable[[], None]]:
    """Lets the database grow no further; the function given makes room again."""

    def no_more_pages(connection: Any, _record: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    engine: Engine = store.engine
    engine.dispose()
    event.listen(engine, "connect", no_more_pages)

    def make_room() -> None:
        if event.contains(engine, "connect", no_more_pages):
            event.remove(engine, "connect", no_more_pages)
            engine.dispose()

    yield make_room
    make_room()


def test_a_full_disk_logs_nothing_and_says_so(
    store: Store, file: Path, make_reading: Callable[..., NewReading], full_disk: Callable[[], None]
) -> None:
    batch = [make_reading(thumbnail=bytes(3000))] * 20
    with pytest.raises(LogFailedError, match="disk is full: free some space"):
        store.log(batch)
    assert whole(file) == set()
    full_disk()
    ids = store.log(batch)
    assert whole(file) == set(ids)


def test_a_read_only_database_says_so(file: Path, make_reading: Callable[..., NewReading]) -> None:
    store = Store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(LogFailedError, match="read-only: give this process the right"):
        store.log([make_reading()])
    assert whole(file) == set()


def test_a_locked_database_is_waited_for_and_then_named(
    file: Path, make_reading: Callable[..., NewReading]
) -> None:
    impatient = Store(f"sqlite:///{file}", busy_timeout_s=0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogFailedError, match="Another process is writing"):
        impatient.log([make_reading()])
    assert impatient.engine.connect().exec_driver_sql("SELECT 1 FROM readings").all() == []
    other.execute("ROLLBACK")
    assert len(impatient.log([make_reading()])) == 1


def test_a_full_pool_of_connections_is_waited_for_and_then_named(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = partial(create_engine, pool_size=1, max_overflow=0, pool_timeout=0.01)
    monkeypatch.setattr("core.records.engine.create_engine", small)
    crowded = Store(settings.database)
    with crowded.read() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(RecordError), crowded.read() as second:
            second.execute(text("SELECT 1"))
    crowded.close()


def test_the_drivers_words_are_for_the_log_alone(logged: Logged) -> None:
    said = 'connection to server at "10.0.0.7", port 5432 failed: no entry for user "blood"'
    with pytest.raises(RecordError) as told, explained():
        raise OperationalError("SELECT", {}, Exception(said))
    assert not any(word in str(told.value) for word in ("10.0.0.7", "5432", "blood"))
    (line,) = logged()
    assert line["told"] == said


def test_what_a_user_sent_is_not_for_the_log_either(logged: Logged) -> None:
    with pytest.raises(RecordError) as told, explained():
        raise DataError("SELECT", {}, Exception('invalid input syntax: "a name"'))
    assert "a name" not in str([str(told.value), *logged()])


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    path.write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(RecordError, match="restore it from a backup"):
        Store(f"sqlite:///{path}")


def test_whoever_upgrades_by_hand_has_the_log_too(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"this is a letter, not a database" * 200)
    done = subprocess.run(
        [sys.executable, "-m", "core.records"],
        cwd=ROOT,
        env=environment_with() | {"BLOODCELLS_STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "SQLITE_NOTADB" in done.stderr


def test_a_killed_process_leaves_whole_batches_and_all_it_confirmed(
    file: Path, settings: Settings
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", LOG_FOR_EVER, settings.database],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout
        confirmed = [next(child.stdout) for _ in range(20)]
        child.kill()
        confirmed += [line for line in child.stdout if line.endswith("\n")]
    ids = {int(number) for line in confirmed for number in line.split()}
    found = whole(file)
    assert ids <= found
    assert len(found) % 10 == 0
