"""The Kaggle download as a process of its own, which any page can start and watch.

python -m core.dataset.download OUTCOME_FILE

Who starts it writes down which process it is, the process itself how it ended: two files,
so that neither can overwrite the other.
"""

import json
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from core.dataset.sources import fetch
from core.errors import DatasetError
from core.files import replacing
from core.settings import ROOT, Settings, settings

# kagglehub has no callback; its tqdm bar in the log is the only word on progress.
_BAR = re.compile(r"(\d+)%\|[^|]*\| *(\S+?)/(\S+)")
_TAIL_BYTES = 4000
_PROCESS, _OUTCOME, _LOG = "download.json", "download_outcome.json", "download.log"


@dataclass(frozen=True)
class Download:
    """How the download stands.

    Attributes:
        state: ``running``, ``finished`` or ``failed``.
        message: one sentence for the reader.
        share: done so far, 0..1; None while that is not known.
    """

    state: Literal["running", "finished", "failed"]
    message: str
    share: float | None = None


def start(config: Settings) -> None:
    """Starts the download, unless it is running.

    Raises:
        DatasetError: downloads are switched off.
    """
    current = progress(config)
    if current is not None and current.state == "running":
        return
    if not config.download:
        raise DatasetError("Downloads are switched off (BLOODCELLS_DOWNLOAD).")
    folder = config.cache_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _OUTCOME).unlink(missing_ok=True)
    with (folder / _LOG).open("wb") as log:
        child = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "core.dataset.download", str((folder / _OUTCOME).resolve())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _write(folder / _PROCESS, {"pid": child.pid, "started": _started(child.pid)})


def progress(config: Settings) -> Download | None:
    """How the download stands, None if none was started."""
    folder = config.cache_dir
    outcome, process = _read(folder / _OUTCOME), _read(folder / _PROCESS)
    if outcome is not None:
        return Download(**outcome)
    if process is None:
        return None
    if _started(process["pid"]) != process["started"]:
        return Download("failed", "The download was interrupted. Start it again: it goes on there.")
    return _read_bar(folder / _LOG) or Download("running", "Asking Kaggle")


def _read_bar(log: Path) -> Download | None:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            bars = _BAR.findall(file.read().decode(errors="replace"))
    except OSError:
        return None
    if not bars:
        return None
    percent, done, total = bars[-1]
    if percent == "100":
        return Download("running", "Unpacking the archive", 1.0)
    return Download("running", f"{done}B of {total}B", int(percent) / 100)


def _started(pid: int) -> float | None:
    """When that process started, None if there is none: tells a process from a later namesake."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def _read(file: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return None


def _write(file: Path, content: dict[str, Any]) -> None:
    with replacing(file, durable=False) as part:
        part.write_text(json.dumps(content))


def main(outcome: Path) -> None:
    """Downloads, then writes to ``outcome`` how that ended."""
    try:
        fetch(settings())
        ended = Download("finished", "The data set is here.", 1.0)
    except DatasetError as error:
        ended = Download("failed", str(error))
    _write(outcome, asdict(ended))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
