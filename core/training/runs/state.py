"""What a run is doing, kept in its folder and never found half written."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from core.errors import RunError
from core.files import write_text

STATE_FILE = "state.json"
QUEUE_LOCK = ".queue.lock"


class Status(StrEnum):
    """A run's place in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    FINISHED = "finished"


@dataclass(frozen=True)
class RunState:
    """The content of ``state.json``.

    Attributes:
        pid, pid_started: the process, and when it started as ``process.started_at`` gives it.
        created: when the run was asked for, ISO 8601 in UTC.
        queued: when it was last put into the queue; the oldest goes first.
        message: what a person should know about the status; may be empty.
        by: user name of who asked for it.
    """

    status: Status
    created: str
    queued: str = ""
    pid: int | None = None
    pid_started: float | None = None
    message: str = ""
    by: str = ""


def read_state(folder: Path) -> RunState:
    """The state of the run in ``folder``.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    try:
        values = json.loads((folder / STATE_FILE).read_text())
        known = {f.name: values[f.name] for f in fields(RunState) if f.name in values}
        return RunState(**{**known, "status": Status(known["status"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"The state of run {folder.name} cannot be read ({error}). Delete its folder {folder}."
        ) from error


def write_state(folder: Path, state: RunState) -> None:
    """Puts ``state`` in place in one step. Hold ``queue_lock`` around reading and writing."""
    write(folder / STATE_FILE, json.dumps(asdict(state), indent=2))


def write(path: Path, text: str) -> None:
    """Writes a file of a run, whole.

    Raises:
        RunError: the disk is full or the folder cannot be written.
    """
    try:
        write_text(path, text)
    except OSError as error:
        raise cannot_write(path, error) from error


@contextmanager
def queue_lock(runs_dir: Path) -> Iterator[None]:
    """Lets one process or thread at a time change the runs in ``runs_dir``.

    Raises:
        RunError: the folder cannot be written.
    """
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(runs_dir / QUEUE_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise cannot_write(runs_dir, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def cannot_write(path: Path, error: OSError) -> RunError:
    """The error that says what keeps ``path`` from being written, and how to mend it."""
    return RunError(
        f"Cannot write {path}: {error.strerror}. Free some space or make the folder writable, "
        "or set BLOODCELLS_STATE_DIR to another folder; what was trained so far is kept."
    )
