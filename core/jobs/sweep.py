"""Setting right what a kill, a crash or a restart left behind; cheap enough for each look."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs import process, steps
from core.jobs.folders import Folders
from core.jobs.job import LIVE, State, lease_of
from core.jobs.kinds import KINDS
from core.records.store import Store
from core.records.tables import JobRow, now

KEPT_FOR = timedelta(days=7)  # an outcome with files in it that nobody decided about


def take_over(store: Store, folders: Folders) -> None:
    """Decides about the jobs whose process is gone."""
    with store.read() as session:
        running = session.scalars(select(JobRow).where(JobRow.state == State.RUNNING)).all()
        dead = [row.id for row in running if _is_dead(session, row)]
    for job_id in dead:
        with store.write() as session:
            row = steps.row_of(session, job_id)
            if row.state == State.RUNNING and _is_dead(session, row):
                lease = lease_of(row)
                code = process.exit_code(lease) if lease else None
                steps.let_go(row, code, process.log_tail(folders.of(job_id)))


def tidy(store: Store, folders: Folders) -> None:
    """Deletes the folders that no job needs any more."""
    found = folders.found()
    if found:
        with store.read() as session:
            rows = session.scalars(select(JobRow).where(JobRow.id.in_(found))).all()
        known = {row.id: row for row in rows}
        for name in found:
            if name in known and not _needs_folder(known[name]):
                folders.remove(name)
            if name not in known and folders.is_left_behind(name):
                folders.remove(name)
    folders.sweep_drafts()


def _is_dead(session: Session, row: JobRow) -> bool:
    lease = lease_of(row)
    if lease is None:
        return True
    here = lease.host == process.own_lease().host
    if here and row.heartbeat:
        return process.is_gone(lease)
    # Of another machine, or claimed by a server that did not come to note its process.
    last = row.heartbeat or row.started
    silent = last is None or steps.moment(session) - last > steps.STALE_AFTER
    return silent or (here and process.is_gone(lease))


def _needs_folder(row: JobRow) -> bool:
    if row.state in LIVE:
        return True
    if row.state != State.FINISHED or not KINDS[row.kind].keeps_folder or row.dismissed:
        return False
    return row.ended is not None and now() - row.ended < KEPT_FOR
