"""A job as others see it: what was asked for, by whom, where it stands, what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.records.tables import JobRow


class State(StrEnum):
    """A job's place in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    FINISHED = "finished"


LIVE = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Lease:
    """Who works on a job.

    Attributes:
        host: name of the machine.
        pid: of the process.
        pid_start: when it started, as ``process.started_at`` gives it: numbers are used again.
    """

    host: str
    pid: int
    pid_start: float | None


@dataclass(frozen=True)
class Job:
    """One job as it stood when it was read.

    Attributes:
        kind: one of ``kinds.KINDS``.
        subject: what it is about, e.g. a run's id; of a kind and subject one job lives at a time.
        request: what was asked for.
        outcome: what came of it; None until it has finished.
        message: what a person should know about the state; may be empty.
        share: of the work that is done, from 0 to 1.
        text: what is being done.
        by: user name of who asked for it; None for the command line.
        queued: when it was last put into the queue; the oldest goes first.
        attempt: how often it was begun.
        stop_asked: whether somebody wants it to stop.
        log: the end of what its process wrote, where it failed without expecting to.
        lease: who works, or worked, on it.
    """

    id: str
    kind: str
    subject: str
    state: State
    request: dict[str, Any]
    outcome: dict[str, Any] | None
    message: str
    share: float
    text: str
    by: str | None
    created: datetime
    queued: datetime
    started: datetime | None
    ended: datetime | None
    attempt: int
    stop_asked: bool
    log: str
    lease: Lease | None

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state in LIVE

    @property
    def is_stopping(self) -> bool:
        """Whether it still runs although a stop was asked for."""
        return self.state == State.RUNNING and self.stop_asked


def lease_of(row: JobRow) -> Lease | None:
    """Who works, or worked, on the job of this row."""
    if row.host is None or row.pid is None:
        return None
    return Lease(row.host, row.pid, row.pid_start)


def job_of(row: JobRow) -> Job:
    """The job of a row whose account is loaded."""
    return Job(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        state=State(row.state),
        request=row.request,
        outcome=row.outcome,
        message=row.message,
        share=row.share,
        text=row.text,
        by=row.account.username if row.account else None,
        created=row.created,
        queued=row.queued,
        started=row.started,
        ended=row.ended,
        attempt=row.attempt,
        stop_asked=row.stop_asked,
        log=row.log,
        lease=lease_of(row),
    )
