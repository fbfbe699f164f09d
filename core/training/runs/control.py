"""Training runs: asked for, queued, started one at a time, stopped, resumed, compared.

Each run is a folder that holds all that is known of it; each training process is on its own:

    run = runs.start(config, settings, by="ada")
    runs.reconcile(settings)          # notes what died, starts what waits
    for run in runs.list_runs(settings):
        print(run.id, run.status, run.metrics.best)
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.errors import RunError
from core.settings import Settings
from core.training.config import TrainConfig
from core.training.runs import process, queue
from core.training.runs.folder import STOP_FILE, Run, create, load
from core.training.runs.queue import COMMAND
from core.training.runs.state import (
    Status,
    cannot_write,
    queue_lock,
    read_state,
    write,
    write_state,
)


def start(
    config: TrainConfig, settings: Settings, by: str, command: Sequence[str] = COMMAND
) -> Run:
    """A new run, training already or queued behind the one that is.

    Raises:
        RunError: the disk is full, the folder cannot be written or no process can be started.
    """
    with queue_lock(settings.runs_dir):
        folder = create(config, settings.runs_dir, by)
        queue.start_next(settings.runs_dir, command)
    return load(folder)


def resume(run_id: str, settings: Settings, command: Sequence[str] = COMMAND) -> Run:
    """The run, queued again to go on from its last whole epoch.

    Raises:
        RunError: it is not stopped or failed, or its folder cannot be written.
    """
    with queue_lock(settings.runs_dir):
        folder = _folder(run_id, settings)
        state = read_state(folder)
        if state.status not in (Status.STOPPED, Status.FAILED):
            raise RunError(f"Run {run_id} is {state.status}; only a stopped or failed one resumes.")
        (folder / STOP_FILE).unlink(missing_ok=True)
        again = replace(
            state, status=Status.QUEUED, queued=datetime.now(UTC).isoformat(), message=""
        )
        write_state(folder, again)
        queue.start_next(settings.runs_dir, command)
    return load(folder)


def stop(run_id: str, settings: Settings, *, at_once: bool = False) -> None:
    """Asks a run to stop after its batch; ``at_once`` ends its process. A queued run just leaves.

    Raises:
        RunError: it neither runs nor waits, or its folder cannot be written.
    """
    with queue_lock(settings.runs_dir):
        folder = _folder(run_id, settings)
        state = read_state(folder)
        if state.status == Status.QUEUED:
            left = "Taken out of the queue; resume puts it back."
            write_state(folder, replace(state, status=Status.STOPPED, message=left))
        elif state.status == Status.RUNNING:
            write(folder / STOP_FILE, "")
            if at_once and state.pid is not None and process.is_running(folder):
                process.terminate(state.pid, state.pid_started)
        else:
            raise RunError(f"Run {run_id} is {state.status} already.")


def delete(run_id: str, settings: Settings) -> None:
    """Removes a run with its checkpoint, metrics and evaluation.

    Raises:
        RunError: it is running, or its folder cannot be written.
    """
    with queue_lock(settings.runs_dir):
        folder = _folder(run_id, settings)
        if process.is_running(folder):
            raise RunError(f"Run {run_id} is running. Stop it first, then delete it.")
        try:
            # Hidden in one step, so that a kill midway leaves no half of a run in the list.
            shutil.rmtree(folder.rename(folder.with_name(f".deleted-{run_id}")))
            shutil.rmtree(settings.evaluations_dir / run_id, ignore_errors=True)
        except OSError as error:
            raise cannot_write(folder, error) from error


def reconcile(settings: Settings, command: Sequence[str] = COMMAND) -> None:
    """Notes which runs ended without a word and starts the next; right to call at any time.

    Raises:
        RunError: the disk is full or the folder cannot be written.
    """
    if settings.runs_dir.is_dir():
        with queue_lock(settings.runs_dir):
            queue.start_next(settings.runs_dir, command)


def list_runs(settings: Settings) -> list[Run]:
    """All runs that can be read, newest first."""
    return _load_all(settings)[0]


def damaged_runs(settings: Settings) -> list[str]:
    """Why the other runs cannot be read, one message each."""
    return _load_all(settings)[1]


def find_run(run_id: str, settings: Settings) -> Run:
    """The run of that id.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    return load(_folder(run_id, settings))


def _folder(run_id: str, settings: Settings) -> Path:
    for folder in queue.folders(settings.runs_dir):
        if folder.name == run_id:
            return folder
    raise RunError(f"There is no run {run_id!r}. It may have been deleted.")


def _load_all(settings: Settings) -> tuple[list[Run], list[str]]:
    found, damages = [], []
    for folder in queue.folders(settings.runs_dir):
        try:
            found.append(load(folder))
        except RunError as error:
            damages.append(str(error))
    return sorted(found, key=lambda run: (run.state.created, run.id), reverse=True), damages
