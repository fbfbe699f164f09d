"""One kind of long work: queued, run as a process of its own, watched, stopped, taken over."""

from core.jobs.job import Job, Lease, State
from core.jobs.queue import Queue

__all__ = ["Job", "Lease", "Queue", "State"]
