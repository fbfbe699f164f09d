"""Where a run stands: what its last job says; of a run older than jobs, what it wrote itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.jobs import Job, State, process

Status = State  # a run has no other states than its jobs

OLD_STATE_FILE = "state.json"  # of runs that were made before there were jobs
RESUME = "Resume goes on from the last whole epoch."
AFRESH = "It has no whole epoch yet: Resume begins anew."
EARLY = "No better epoch for a while, so it stopped early."


@dataclass(frozen=True)
class RunState:
    """A run's place in its life.

    Attributes:
        created: when the run was asked for, ISO 8601 in UTC.
        message: what a person should know about the status; may be empty.
        by: user name of who asked for it.
        is_stopping: whether it still runs although a stop was asked for.
        doing: what it does at the moment, for a person; may be empty.
    """

    status: Status
    created: str
    message: str = ""
    by: str = ""
    is_stopping: bool = False
    doing: str = ""


def read_state(folder: Path, jobs: Sequence[Job], epochs: int) -> RunState:
    """The state of the run in ``folder``, whose jobs these are, oldest first.

    Args:
        epochs: how many it has gone through.

    Raises:
        RunError: it is older than jobs and what it wrote cannot be read.
    """
    resume = RESUME if epochs else AFRESH
    old = _read_old(folder, resume) if (folder / OLD_STATE_FILE).exists() else None
    if not jobs:
        return old or _unknown(folder, resume)
    first, last = jobs[0], jobs[-1]
    return RunState(
        status=last.state,
        created=old.created if old else first.created.isoformat(),
        message=_message(last, resume),
        by=old.by if old else first.by or "command line",
        is_stopping=last.is_stopping,
        doing=last.text,
    )


def _message(job: Job, resume: str) -> str:
    if job.state == Status.STOPPED:
        return f"{job.message} {resume}"
    if job.outcome and job.outcome.get("reason") == "early stop":
        return EARLY
    return job.message


def _unknown(folder: Path, resume: str) -> RunState:
    """Of a run whose jobs are in another database."""
    created = datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat()
    return RunState(Status.STOPPED, created, f"This database does not know how it ended. {resume}")


def _read_old(folder: Path, resume: str) -> RunState:
    try:
        known = json.loads((folder / OLD_STATE_FILE).read_text())
        status, message = Status(known["status"]), known.get("message", "")
        if status in (Status.QUEUED, Status.RUNNING) and not _still_runs(known):
            status, message = Status.STOPPED, f"Interrupted. {resume}"
        return RunState(status, known["created"], message, known.get("by", ""))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"The state of run {folder.name} cannot be read ({error}). Delete its folder {folder}."
        ) from error


def _still_runs(known: dict[str, Any]) -> bool:
    started = known.get("pid_started")
    return started is not None and process.started_at(known["pid"]) == started
