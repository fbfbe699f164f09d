"""Doing a job: what its process does from its first word to its last."""

import traceback
from threading import Event, Thread
from typing import Any

from core.errors import BloodCellsError, JobError
from core.jobs import process, steps, sweep
from core.jobs.job import Job, Lease, State, job_of, lease_of
from core.jobs.kinds import KINDS
from core.jobs.queue import Queue
from core.logs import log
from core.records.store import Store
from core.records.tables import JobRow
from core.work import Context, WorkStopped

PULSE_S = 1.0
BEATS_QUIET = 10  # so many seconds at most between two signs of life


class Pulse:
    """Writes once a second how far a job is and hears whether it should stop, while it is open.

    Also stops work that another process has taken over, e.g. from a machine thought lost.
    """

    def __init__(self, store: Store, job: Job, lease: Lease) -> None:
        self._store, self._job_id, self._lease = store, job.id, lease
        self._told = self._written = (job.share, job.text)
        self._stop, self._over = Event(), Event()
        if job.stop_asked:
            self._stop.set()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, share: float, text: str) -> None:
        """Notes how far the work is; written with the next beat."""
        self._told = min(max(share, 0.0), 1.0), text

    def stop_asked(self) -> bool:
        """Whether a stop was asked for, as of the last beat."""
        return self._stop.is_set()

    def _run(self) -> None:
        quiet = 0
        while not self._over.wait(PULSE_S):
            quiet += 1
            try:
                if self._told != self._written or quiet >= BEATS_QUIET:
                    self._write()
                    quiet = 0
                else:
                    self._listen()
            except Exception:  # whatever fails here, the work need not end for it, nor go unheard
                log.error("pulse_failed", job=self._job_id, exc_info=True)

    def _write(self) -> None:
        told = self._told
        with self._store.write() as session:
            row = steps.row_of(session, self._job_id)
            self._heed(row)
            if steps.is_of(row, self._lease):
                (row.share, row.text), row.heartbeat = told, steps.moment(session)
        self._written = told

    def _listen(self) -> None:
        with self._store.read() as session:
            row = session.get(JobRow, self._job_id)
        if row is not None:
            self._heed(row)

    def _heed(self, row: JobRow) -> None:
        if row.stop_asked or not steps.is_of(row, self._lease):
            self._stop.set()


def work(queue: Queue, job_id: str, starter: Lease | None = None) -> Job:
    """Does a job that waits, or that ``starter`` has begun this process for.

    Raises:
        JobError: it is over, or another process does it.
    """
    job, lease = _introduce(queue, job_id, starter), process.own_lease()
    ending: dict[str, Any] = {"state": State.STOPPED, "message": steps.REQUESTED}
    let_go = False
    try:
        with Pulse(queue.store, job, lease) as pulse:
            ending = _ending(job, Context(queue.folders.of(job_id), pulse.tell, pulse.stop_asked))
    except SystemExit:  # the machine goes down, or somebody could not wait
        let_go = True
        raise
    finally:
        with queue.store.write() as session:
            row = steps.row_of(session, job_id)
            if steps.is_of(row, lease):
                steps.let_go(row) if let_go else steps.end(row, **ending)
        sweep.tidy(queue.store, queue.folders)
    return queue.get(job_id)


def _introduce(queue: Queue, job_id: str, starter: Lease | None) -> Job:
    own = process.own_lease()
    with queue.store.write() as session:
        steps.in_turn(session)
        row = steps.row_of(session, job_id)
        if row.state == State.QUEUED:
            steps.take(session, row, own)
        elif row.state != State.RUNNING or lease_of(row) not in (own, starter):
            raise JobError(f"Job {job_id} is {row.state} already; nothing is done.")
        steps.hand_over(session, row, own)
        return job_of(row)


def _ending(job: Job, context: Context) -> dict[str, Any]:
    """How the work ended, as ``steps.end`` takes it."""
    try:
        if context.stop_asked():
            raise WorkStopped
        outcome = KINDS[job.kind].load()(job.request, context)
    except WorkStopped:
        return {"state": State.STOPPED, "message": steps.REQUESTED}
    except (BloodCellsError, OSError) as error:
        return {"state": State.FAILED, "message": str(error)}
    except Exception as error:  # whatever ends the work stands in its row
        traceback.print_exc()
        log.error("job_failed", job=job.id, kind=job.kind, exc_info=error)
        told = f"{type(error).__name__}: {error}"
        return {"state": State.FAILED, "message": told, "log": process.log_tail(context.folder)}
    return {"state": State.FINISHED, "outcome": outcome}
