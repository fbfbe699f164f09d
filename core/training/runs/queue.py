"""One run at a time on one machine: who is next, and how the last one ended.

Every function but ``at_work`` expects its caller to hold ``queue_lock``.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from core.errors import BloodCellsError, RunError
from core.logs import log
from core.training.runs import process
from core.training.runs.folder import STOP_FILE
from core.training.runs.metrics_log import note_launch, read_metrics
from core.training.runs.state import (
    STATE_FILE,
    RunState,
    Status,
    queue_lock,
    read_state,
    write_state,
)

COMMAND = (sys.executable, "-m", "core.training")
RESUME = "resume goes on from the last whole epoch"


def folders(runs_dir: Path) -> list[Path]:
    """The folders of the runs; those being made or deleted are hidden."""
    return [f.parent for f in runs_dir.glob(f"*/{STATE_FILE}") if not f.parent.name.startswith(".")]


def start_next(runs_dir: Path, command: Sequence[str] = COMMAND) -> None:
    """Notes what ended without a word; starts the run that waits longest if none is running.

    Raises:
        RunError: the next one cannot be started; it is marked as failed.
    """
    active = [(s, f) for s, f in _states(runs_dir) if s.status in (Status.QUEUED, Status.RUNNING)]
    busy = False
    for state, folder in active:
        if process.is_running(folder):
            busy = True
        elif state.status == Status.RUNNING:
            conclude(folder)
    waiting = [(s.queued, f) for s, f in active if s.status == Status.QUEUED]
    if waiting and not busy:
        _begin(min(waiting)[1], command)


def conclude(folder: Path, error: Exception | None = None) -> None:
    """Notes in the state how the run ended, from all that it left behind and its ``error``."""
    expected = isinstance(error, BloodCellsError)
    failure = str(error) if expected or error is None else f"{type(error).__name__}: {error}"
    status, message = _ending(folder, failure if error else "")
    _change(folder, status, message)
    tell = log.error if status == Status.FAILED else log.info
    tell("run_ended", run=folder.name, status=status, exc_info=error)


@contextmanager
def at_work(folder: Path, command: Sequence[str] = COMMAND) -> Iterator[None]:
    """Around the training itself: notes how it ended, then starts the next run.

    Raises:
        RunError: another process trains this run.
    """
    with ExitStack() as until_the_end:
        with queue_lock(folder.parent):
            if read_state(folder).pid != os.getpid():  # started by hand, so without the lock
                until_the_end.enter_context(process.held(folder))
                _change(folder, Status.RUNNING, pid=os.getpid())
        failure: Exception | None = None
        try:
            yield
        except Exception as error:  # whatever ends a training stands in its state, and goes on up
            failure = error
            raise
        finally:
            with queue_lock(folder.parent):
                conclude(folder, failure)
                start_next(folder.parent, command)


def _states(runs_dir: Path) -> Iterator[tuple[RunState, Path]]:
    for folder in folders(runs_dir):
        try:
            yield read_state(folder), folder
        except RunError:
            continue  # a damaged run must not hold up the others


def _begin(folder: Path, command: Sequence[str]) -> None:
    try:
        note_launch(folder)
        pid = process.spawn([*command, str(folder.resolve())], folder)
    except OSError as error:
        message = f"The training process could not be started: {error}. Mend that, then resume."
        _change(folder, Status.FAILED, message)
        raise RunError(message) from error
    _change(folder, Status.RUNNING, pid=pid)


def _change(folder: Path, status: Status, message: str = "", pid: int | None = None) -> None:
    started = None if pid is None else process.started_at(pid)
    state = replace(read_state(folder), status=status, message=message)
    write_state(folder, replace(state, pid=pid, pid_started=started))


def _ending(folder: Path, failure: str) -> tuple[Status, str]:
    code, metrics = process.exit_code(folder), read_metrics(folder)
    if failure or metrics.error:
        return Status.FAILED, failure or metrics.error
    if metrics.finish in ("done", "early stop"):
        early = "No better epoch for a while, so it stopped early."
        return Status.FINISHED, early if metrics.finish == "early stop" else ""
    if (folder / STOP_FILE).exists():
        return Status.STOPPED, f"Stopped on request; {RESUME}."
    if code is not None and code > 0:
        return Status.FAILED, f"The process ended with code {code}; its log says why."
    return Status.STOPPED, f"Interrupted; {RESUME}."
