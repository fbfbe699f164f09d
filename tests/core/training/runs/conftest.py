"""A queue whose processes are stand-ins."""

from tests.core.jobs.conftest import children, queue, queue_of

__all__ = ["children", "queue", "queue_of"]
