"""One job as a process of its own: ``python -m core.jobs JOB_ID``.

Does a job that waits, also when others run, then goes on as the next one of its lane.
"""

import os
import signal
import sys
from collections.abc import Sequence

from core import logs
from core.errors import BloodCellsError
from core.jobs import process, worker
from core.jobs.job import State
from core.jobs.kinds import KINDS
from core.jobs.queue import Queue
from core.records.store import Store
from core.settings import settings


def main(job_id: str, command: Sequence[str] = process.COMMAND) -> int:
    """Exit code 0 when done or stopped, 2 on what a user can mend."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        logs.set_up(settings().log_level, settings().log_format)
        queue = Queue(Store(settings().database), settings())
        with logs.running("job"):
            job = worker.work(queue, job_id, process.own_lease(os.getppid()))
        print(f"{job.state}: {job.message}", flush=True)
        follower = queue.claim(KINDS[job.kind].lane)
    except BloodCellsError as error:
        print(f"Error: {error}", flush=True)
        return 2
    if follower:
        process.go_on_as(follower, queue.folders.of(follower.id), command)
    return 2 if job.state == State.FAILED else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
