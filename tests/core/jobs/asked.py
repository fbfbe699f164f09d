"""Jobs that tests ask for, change and look at."""

from sqlalchemy import update

from core.jobs import Job, Queue, State
from core.records.store import Store
from core.records.tables import JobRow

CELLS = [("cells/neutrophil/1.png", b"an image")]


def submit(queue: Queue, subject: str = "one", kind: str = "adaptation") -> Job:
    """Asks for a job, which brings a file."""
    return queue.submit(kind, subject, {"asked": subject}, by=None, files=CELLS)


def change(store: Store, job: Job, **values: object) -> None:
    """Makes a job's row say something else."""
    with store.write() as session:
        session.execute(update(JobRow).where(JobRow.id == job.id).values(**values))


def states(queue: Queue, kind: str = "adaptation") -> dict[str, State]:
    """What became of each subject's last job."""
    return {subject: jobs[-1].state for subject, jobs in queue.by_subject(kind).items()}
