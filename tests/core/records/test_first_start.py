"""Processes that start at once on an empty database all come up: one of them makes the tables."""

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from threading import Barrier, Timer

import pytest

from core.records import audit
from core.records.schema import migrate
from core.records.store import Store

AT_ONCE = 4
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture
def postgresql() -> Iterator[str]:
    """An empty database of a PostgreSQL server of its own."""
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is missing: psycopg[binary].")
    if not BINARIES:
        pytest.skip("No PostgreSQL in /usr/lib/postgresql: apt-get install postgresql.")
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root

    def run(program: str, *words: str) -> None:
        command = [BINARIES[-1] / program, "-D", f"{folder}/data", *words]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    # Not in tmp_path: that user may not enter it, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if user:
            shutil.chown(folder, user)
        run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        socket_only = f"-c listen_addresses= -c unix_socket_directories={folder}"
        run("pg_ctl", "start", "--wait", f"--log={folder}/log", f"--options={socket_only}")
        yield f"postgresql+psycopg:///postgres?host={folder}&user=postgres"
        run("pg_ctl", "stop", "--mode=fast")


def test_all_come_up_on_sqlite(tmp_path: Path) -> None:
    assert start_at_once(f"sqlite:///{tmp_path / 'state' / 'app.db'}") == [0] * AT_ONCE


def test_all_come_up_on_postgresql(postgresql: str) -> None:
    assert start_at_once(postgresql) == [0] * AT_ONCE


def test_a_new_file_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    letting_go = Timer(0.2, other.execute, ["ROLLBACK"])
    letting_go.start()
    migrate(f"sqlite:///{file}")
    letting_go.join()
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def start_at_once(url: str) -> list[int | None]:
    """The exit code of each process; the store opens afterwards."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(AT_ONCE)
    started = [spawn.Process(target=_start, args=(url, barrier)) for _ in range(AT_ONCE)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    Store(url).close()
    return [process.exitcode for process in started]


def _start(url: str, barrier: Barrier) -> None:
    barrier.wait()
    migrate(url)


@pytest.mark.parametrize("before", [None, 0o644])
def test_nobody_else_on_the_machine_reads_the_database(tmp_path: Path, before: int | None) -> None:
    file = tmp_path / "state" / "app.db"
    if before is not None:
        file.parent.mkdir()
        file.touch(before)
    url = f"sqlite:///{file}"
    migrate(url)
    store = Store(url)
    with store.write() as session:
        audit.add(session, "nobody", "look")
        modes = {path.name: S_IMODE(path.stat().st_mode) for path in file.parent.glob("app.db*")}
    store.close()
    assert modes == dict.fromkeys(("app.db", "app.db-shm", "app.db-wal"), 0o600)
