"""The Kaggle download as a job."""

import re
from pathlib import Path
from threading import Event, Thread
from typing import Any

from core.dataset.sources import fetch
from core.settings import settings
from core.work import Context

KIND = "download"
# kagglehub has no callback; its tqdm bar in the log is the only word on progress.
_BAR = re.compile(r"(\d+)%\|[^|]*\| *(\S+?)/(\S+)")
_TAIL_BYTES = 4000
_LOOK_EVERY_S = 1.0


def work(_request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Fetches the data set and tells how far it is; gives where it lies.

    Raises:
        DatasetError: it may not or could not be fetched.
    """
    over = Event()

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_S):
            context.tell(*read_bar(context.log))

    context.step(0.0, "Asking Kaggle")
    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        return {"root": str(fetch(settings()).root)}
    finally:
        over.set()
        watching.join()


def read_bar(log: Path) -> tuple[float, str]:
    """The share that is done and what is being done, by the last bar in a log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            bars = _BAR.findall(file.read().decode(errors="replace"))
    except OSError:
        bars = []
    if not bars:
        return 0.0, "Asking Kaggle"
    percent, done, total = bars[-1]
    if percent == "100":
        return 1.0, "Unpacking the archive"
    return int(percent) / 100, f"{done}B of {total}B"
