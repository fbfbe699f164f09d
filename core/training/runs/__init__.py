"""Training runs as jobs: asked for, queued, stopped, resumed, compared."""

from core.training.runs.control import (
    damaged_runs,
    delete,
    find_run,
    list_runs,
    resume,
    start,
    stop,
)
from core.training.runs.folder import Run
from core.training.runs.state import Status

__all__ = [
    "Run",
    "Status",
    "damaged_runs",
    "delete",
    "find_run",
    "list_runs",
    "resume",
    "start",
    "stop",
]
