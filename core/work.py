"""What the work of a job is given, whatever queue it came through and wherever it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LOG_FILE = "log.txt"


class WorkStopped(Exception):
    """The work ended early because a stop was asked for."""


@dataclass(frozen=True)
class Context:
    """What ``work(request, context)`` may ask of the one who runs it.

    Attributes:
        folder: the job's own, readable by this account alone; it goes when the job has ended.
        tell: takes the share that is done, from 0 to 1, and what is being done.
        stop_asked: whether somebody wants the work to stop.
    """

    folder: Path
    tell: Callable[[float, str], None]
    stop_asked: Callable[[], bool]

    @property
    def log(self) -> Path:
        """What the job's process writes to standard output and error."""
        return self.folder / LOG_FILE

    def step(self, share: float, text: str) -> None:
        """Tells, like ``tell``, at a place where the work may stop.

        Raises:
            WorkStopped: a stop was asked for.
        """
        if self.stop_asked():
            raise WorkStopped
        self.tell(share, text)
