"""What can happen to a job: each a step inside a transaction that its caller holds.

Nothing else writes to a job's row but its own process, which tells how far it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import logs
from core.errors import JobError
from core.jobs.job import LIVE, Lease, State, lease_of
from core.jobs.kinds import KINDS
from core.records.tables import JobRow, now

MOST_ATTEMPTS = 3
STALE_AFTER = timedelta(minutes=2)
REQUESTED = "Stopped on request."
INTERRUPTED = "Interrupted. It goes on by itself."
CUT_SHORT = "Its process ended without a word. Start it again."
TOO_OFTEN = f"Interrupted {MOST_ATTEMPTS} times. Look for what ends it, e.g. too little memory."
_LOCK = int.from_bytes(b"jobqueue", "big")  # a number that no other program should choose


def in_turn(session: Session) -> None:
    """Lets one transaction at a time decide about the queue; SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def moment(session: Session) -> datetime:
    """What the database's clock shows, by which all machines count; SQLite's is its machine's."""
    if session.get_bind().dialect.name == "postgresql":
        shown: datetime = session.scalars(select(func.clock_timestamp())).one()
        return shown
    return now()


def row_of(session: Session, job_id: str) -> JobRow:
    """The row of that job, locked.

    Raises:
        JobError: there is none.
    """
    row = session.get(JobRow, job_id, with_for_update={"of": JobRow})
    if row is None:
        raise JobError(f"There is no job {job_id!r}. It may belong to another database.")
    return row


def living(session: Session, kind: str, subject: str) -> JobRow | None:
    """The job of that kind and subject that waits or runs."""
    alive = select(JobRow).where(JobRow.kind == kind, JobRow.subject == subject)
    return session.scalars(alive.where(JobRow.state.in_(LIVE))).first()


def take_next(session: Session, kinds: Sequence[str], lease: Lease) -> JobRow | None:
    """The job of these kinds that waits longest; None where one runs on this machine already."""
    in_turn(session)
    of_lane = select(JobRow).where(JobRow.kind.in_(kinds))
    running = of_lane.where(JobRow.state == State.RUNNING, JobRow.host == lease.host)
    if session.scalars(running.limit(1)).first() is not None:
        return None
    waiting = of_lane.where(JobRow.state == State.QUEUED)
    oldest = waiting.order_by(JobRow.queued, JobRow.created).limit(1)
    # One that is just being taken out of the queue is passed over.
    row = session.scalars(oldest.with_for_update(of=JobRow, skip_locked=True)).first()
    if row is not None:
        take(session, row, lease)
    return row


def take(session: Session, row: JobRow, lease: Lease) -> None:
    """Gives a waiting job to who begins it."""
    row.state, row.started, row.heartbeat = State.RUNNING, moment(session), None
    row.attempt += 1
    row.share, row.text, row.message = 0.0, "", ""
    row.host, row.pid, row.pid_start = lease.host, lease.pid, lease.pid_start


def hand_over(session: Session, row: JobRow, lease: Lease) -> None:
    """Notes the process that was started for a job."""
    row.host, row.pid, row.pid_start = lease.host, lease.pid, lease.pid_start
    row.heartbeat = moment(session)


def is_of(row: JobRow, lease: Lease) -> bool:
    """Whether this process works on the job still."""
    return row.state == State.RUNNING and lease_of(row) == lease


def end(
    row: JobRow,
    state: State,
    message: str = "",
    *,
    outcome: dict[str, Any] | None = None,
    log: str = "",
) -> None:
    """The one place where a job ends, whatever ended it; its row says by whom it was asked for.

    The row's session is the transaction for what else must be written when a job ends.
    """
    row.state, row.ended = state, now()
    row.message, row.outcome, row.log = message, outcome, log
    if state == State.FINISHED:
        row.share = 1.0
    tell = logs.log.error if state == State.FAILED else logs.log.info
    tell("job_ended", job=row.id, kind=row.kind, state=state, attempt=row.attempt)


def let_go(row: JobRow, code: int | None = None, log: str = "") -> None:
    """Decides about a job whose process is gone, having left that exit code (None: unknown)."""
    if row.stop_asked:
        end(row, State.STOPPED, REQUESTED)
    elif code is not None and code > 0:
        end(row, State.FAILED, f"Its process ended with code {code}; its log says why.", log=log)
    elif not KINDS[row.kind].resumable:
        end(row, State.FAILED, CUT_SHORT, log=log)
    elif row.attempt >= MOST_ATTEMPTS:
        end(row, State.FAILED, TOO_OFTEN, log=log)
    else:
        row.state, row.queued, row.message = State.QUEUED, now(), INTERRUPTED
