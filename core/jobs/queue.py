"""The queue of long work: asked for here, begun here, watched and stopped from anywhere.

queue = Queue(store, settings)
job = queue.submit("evaluation", "tiny/test", {"bundle": "tiny", "split": "test"}, by=account.id)
queue.sweep()                 # takes over what died, starts what waits; right to call at any time
queue.latest("evaluation", "tiny/test").state
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import JobError, RecordError
from core.jobs import process, steps, sweep
from core.jobs.folders import Folders
from core.jobs.job import LIVE, Job, Lease, State, job_of, lease_of
from core.jobs.kinds import LANES, of_lane
from core.records.store import Store
from core.records.tables import JobRow, now
from core.settings import Settings

Start = Callable[[Job, Path], Lease]


class Queue:
    """The jobs of a database; ``start`` starts their processes, here or on another machine."""

    def __init__(self, store: Store, settings: Settings, start: Start | None = None) -> None:
        self.store, self.settings = store, settings
        self.folders = Folders(settings.state_dir / "jobs")
        self._start = start or process.start

    def submit(
        self,
        kind: str,
        subject: str,
        request: dict[str, Any],
        *,
        by: int | None,
        files: Iterable[tuple[str, bytes]] = (),
        admit: Callable[[Session], None] = lambda _: None,
    ) -> Job:
        """A new job, begun at once if nothing else of its lane runs.

        Where one of that kind and subject waits or runs already, that one is given.

        Args:
            by: id of the account that asks; None for the command line.
            files: put into its folder, by path inside it.
            admit: called in the transaction that adds it; where it raises, nothing is added.

        Raises:
            JobError: the files cannot be kept.
            RecordError: the database cannot be written.
        """
        row = JobRow(id=uuid.uuid4().hex, kind=kind, subject=subject, request=request)
        row.account_id, row.state = by, State.QUEUED
        self.folders.make(row.id, files)
        there: JobRow | None = None
        added = False
        try:
            with self.store.write() as session:
                steps.in_turn(session)
                there = steps.living(session, kind, subject)
                if there is None:
                    admit(session)
                    session.add(row)
            added = there is None
        finally:
            if not added:
                self.folders.remove(row.id)
        with suppress(RecordError):  # it stands in the queue; whoever looks next begins it
            self.sweep()
        return self.get((there or row).id)

    def stop(self, job_id: str, *, at_once: bool = False) -> None:
        """Asks a job to stop where it can; ``at_once`` ends its process. A waiting one just leaves.

        Raises:
            JobError: it neither runs nor waits, or runs on another machine.
        """
        elsewhere = None
        with self.store.write() as session:
            row = steps.row_of(session, job_id)
            lease = lease_of(row) if row.heartbeat else None  # None: not handed over yet
            if row.state == State.QUEUED:
                steps.end(row, State.STOPPED, "Taken out of the queue.")
            elif row.state == State.RUNNING:
                row.stop_asked = True
            else:
                raise JobError(f"This is {row.state} already.")
            if lease and at_once and row.state == State.RUNNING:
                if lease.host == process.own_lease().host:
                    process.terminate(lease)  # in here it cannot go on as the next job meanwhile
                else:
                    elsewhere = lease.host
        if elsewhere:
            raise JobError(f"It runs on {elsewhere} and stops there as soon as it can.")
        self.sweep()

    @contextmanager
    def idle(self, kind: str, subject: str) -> Iterator[Session]:
        """A transaction in which no job of that kind and subject lives, nor can be asked for.

        Raises:
            JobError: one waits or runs.
        """
        with self.store.write() as session:
            steps.in_turn(session)
            row = steps.living(session, kind, subject)
            if row is not None:
                raise JobError(f"This is {row.state}. Stop it first.")
            yield session

    def dismiss(self, job_id: str) -> None:
        """Puts an ended job away, with what lies in its folder; its row stays.

        Raises:
            JobError: it waits or runs still.
        """
        with self.store.write() as session:
            row = steps.row_of(session, job_id)
            if row.state in LIVE:
                raise JobError("This goes on still. Stop it first.")
            row.dismissed = row.dismissed or now()
        self.folders.remove(job_id)

    def get(self, job_id: str) -> Job:
        """The job of that id.

        Raises:
            JobError: there is none.
        """
        with self.store.read() as session:
            row = session.get(JobRow, job_id)
        if row is None:
            raise JobError(f"There is no job {job_id!r}. It may belong to another database.")
        return job_of(row)

    def latest(self, kind: str, subject: str | None = None) -> Job | None:
        """The last job of that kind, and subject, that nobody put away."""
        query = select(JobRow).where(JobRow.kind == kind, JobRow.dismissed.is_(None))
        if subject is not None:
            query = query.where(JobRow.subject == subject)
        with self.store.read() as session:
            row = session.scalars(query.order_by(JobRow.created.desc()).limit(1)).first()
        return job_of(row) if row else None

    def by_subject(self, kind: str, subject: str | None = None) -> dict[str, list[Job]]:
        """All jobs of that kind, of one subject or by subject, each list oldest first."""
        query = select(JobRow).where(JobRow.kind == kind).order_by(JobRow.created)
        if subject is not None:
            query = query.where(JobRow.subject == subject)
        found: dict[str, list[Job]] = {}
        with self.store.read() as session:
            for row in session.scalars(query):
                found.setdefault(row.subject, []).append(job_of(row))
        return found

    def sweep(self) -> None:
        """Decides about jobs whose process is gone, deletes what no job needs, starts what waits.

        Raises:
            RecordError: the database cannot be read or written.
        """
        sweep.take_over(self.store, self.folders)
        sweep.tidy(self.store, self.folders)
        for lane in LANES:
            while job := self.claim(lane):
                if self._begin(job):
                    break

    def claim(self, lane: str) -> Job | None:
        """Takes the job that waits longest in a lane, for this process to have it begun.

        None where none waits, or one of the lane runs on this machine: of all who ask at once, one
        gets it.
        """
        kinds = of_lane(lane)
        waiting = select(JobRow.id).where(JobRow.state == State.QUEUED, JobRow.kind.in_(kinds))
        with self.store.read() as session:
            if session.scalars(waiting.limit(1)).first() is None:
                return None
        with self.store.write() as session:
            row = steps.take_next(session, kinds, process.own_lease())
            return job_of(row) if row else None

    def _begin(self, job: Job) -> bool:
        """Has a claimed job's process started; one that cannot be has failed."""
        mine = process.own_lease()
        try:
            lease = self._start(job, self.folders.of(job.id))
        except OSError as error:
            message = f"Its process could not be started: {error}. Fix that and start it again."
            with self.store.write() as session:
                steps.end(steps.row_of(session, job.id), State.FAILED, message)
            return False
        with self.store.write() as session:
            row = steps.row_of(session, job.id)
            if steps.is_of(row, mine):  # else it has introduced itself already
                steps.hand_over(session, row, lease)
        return True
