"""Training runs: asked for, queued, started one at a time, stopped, resumed, compared.

Each run is a folder that holds all that is known of its training; its life is that of its jobs:

    run = runs.start(config, queue, by=account.id)
    queue.sweep()                     # notes what died, starts what waits
    for run in runs.list_runs(queue):
        print(run.id, run.status, run.metrics.best)
"""

import shutil
from functools import partial
from pathlib import Path

from core.errors import BloodCellsError, RunError
from core.jobs import Job, Queue
from core.records import deployments
from core.records.store import Transaction
from core.training.config import TrainConfig
from core.training.runs import folder as folders
from core.training.runs.folder import Run, create, load
from core.training.runs.metrics_log import note_launch
from core.training.runs.starts import starts_of
from core.training.runs.state import Status

KIND = "training"


def start(config: TrainConfig, queue: Queue, by: int | None) -> Run:
    """A new run, training already or queued behind the one that is.

    Args:
        by: id of the account that asks; None for the command line.

    Raises:
        BundleError: a model to start from is gone or refused.
        InvalidConfigError: it is of another architecture.
        RunError: the disk is full, the folder cannot be written or no process can be started.
        RecordError: the database cannot be written.
    """
    starts_of(config, queue.settings)
    folder = create(config, queue.settings.runs_dir)
    try:
        job = queue.submit(KIND, folder.name, {"run": folder.name}, by=by)
    except BloodCellsError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if job.state == Status.FAILED:
        raise RunError(job.message)
    return find_run(folder.name, queue)


def resume(run_id: str, queue: Queue, by: int | None) -> Run:
    """The run, queued again to go on from its last whole epoch.

    Raises:
        RunError: it is not stopped or failed, or its folder cannot be written.
        DeploymentError: its best epoch is in use, which a better one would replace.
    """
    run = find_run(run_id, queue)
    if run.status not in (Status.STOPPED, Status.FAILED):
        raise RunError(f"Run {run_id} is {run.status}; only a stopped or failed one resumes.")
    queue.submit(KIND, run_id, {"run": run_id}, by=by, admit=partial(_begin_again, run.folder))
    return find_run(run_id, queue)


def stop(run_id: str, queue: Queue, *, at_once: bool = False) -> None:
    """Asks a run to stop after its batch; ``at_once`` ends its process. A queued run just leaves.

    Raises:
        RunError: it neither runs nor waits.
        JobError: it runs on another machine and cannot be ended from here.
    """
    _folder(run_id, queue)
    jobs = _jobs(run_id, queue)
    if not jobs or not jobs[-1].is_live:
        raise RunError(f"Run {run_id} is over already.")
    queue.stop(jobs[-1].id, at_once=at_once)


def delete(run_id: str, queue: Queue) -> None:
    """Removes a run with its checkpoint, metrics and evaluation.

    Raises:
        RunError: there is none, or its folder cannot be written.
        JobError: it runs or waits.
        DeploymentError: its best epoch is in use.
    """
    folder = _folder(run_id, queue)
    with queue.idle(KIND, run_id) as session:
        deployments.require_unused(session, run_id)
        folders.hide(folder)
    folders.clear_hidden(folder.parent)
    shutil.rmtree(queue.settings.evaluations_dir / run_id, ignore_errors=True)


def list_runs(queue: Queue) -> list[Run]:
    """All runs that can be read, newest first."""
    return _load_all(queue)[0]


def damaged_runs(queue: Queue) -> list[str]:
    """Why the other runs cannot be read, one message each."""
    return _load_all(queue)[1]


def find_run(run_id: str, queue: Queue) -> Run:
    """The run of that id.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    return load(_folder(run_id, queue), _jobs(run_id, queue))


def _begin_again(folder: Path, session: Transaction) -> None:
    deployments.require_unused(session, folder.name)
    try:
        note_launch(folder)
    except OSError as error:
        raise folders.cannot_write(folder, error) from error


def _jobs(run_id: str, queue: Queue) -> list[Job]:
    return queue.by_subject(KIND, run_id).get(run_id, [])


def _folder(run_id: str, queue: Queue) -> Path:
    for folder in _folders(queue):
        if folder.name == run_id:
            return folder
    raise RunError(f"There is no run {run_id!r}. It may have been deleted.")


def _folders(queue: Queue) -> list[Path]:
    """Those of the runs; the ones that are being made or deleted are hidden."""
    return [f for f in queue.settings.runs_dir.glob("*/") if not f.name.startswith(".")]


def _load_all(queue: Queue) -> tuple[list[Run], list[str]]:
    jobs = queue.by_subject(KIND)
    found, damages = [], []
    for folder in _folders(queue):
        try:
            found.append(load(folder, jobs.get(folder.name, [])))
        except RunError as error:
            if folder.is_dir():  # else somebody deleted it this moment
                damages.append(str(error))
    return sorted(found, key=lambda run: (run.state.created, run.id), reverse=True), damages
