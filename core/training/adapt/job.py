"""Adapting as a process of its own: ``python -m core.training.adapt.job JOB_DIR``.

The folder holds the request and the labelled cells, in class folders; what happens is told in
``status.json``, which is replaced as a whole, so that a page can read it at any time.
"""

import json
import shutil
import sys
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core import logs
from core.errors import BloodCellsError, TrainingError
from core.evaluation.folders import labelled_folder
from core.files import write_text
from core.images import decode_cell
from core.logs import log
from core.settings import Settings, settings
from core.taxonomy import cell_class, is_known
from core.training.adapt.laboratory import Change, adapt
from core.training.packaging.export import check_name
from core.training.runs import process
from core.vision.bundle import find_bundle

REQUEST, STATUS, CELLS = "request.json", "status.json", "cells"
CUT_SHORT = "The process ended without a word. Try again."


@dataclass(frozen=True)
class Job:
    """Where an adaptation stands.

    Attributes:
        share: of the work that is done.
        text: what is being done.
        error: why it failed; "" while it has not.
        bundle: the new bundle's name once it stands; None for no better one.
        change: what adapting did; None until it is known.
    """

    share: float = 0.0
    text: str = "Waiting"
    error: str = ""
    bundle: str | None = None
    change: Change | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return bool(self.error) or self.change is not None


def start(
    cells: Sequence[tuple[str, str, bytes]], bundle: str, name: str, settings: Settings
) -> Path:
    """Starts adapting ``bundle`` to these cells; gives the folder of the job.

    Args:
        cells: class, file name and bytes of each labelled cell.
        name: of the new bundle.

    Raises:
        TrainingError: a label is no class.
        InvalidConfigError: the name cannot be used.
    """
    check_name(name, settings)
    unknown = sorted({label for label, _, _ in cells if not is_known(label)})
    if unknown or not cells:
        named = ", ".join(repr(label) for label in unknown) or "none at all"
        raise TrainingError(
            f"Folders that are no classes: {named}. Put each picture into a folder named after "
            "its class, e.g. neutrophil."
        )
    folder = settings.state_dir / "adaptations" / uuid.uuid4().hex
    for number, (label, file, data) in enumerate(cells):
        target = folder / CELLS / cell_class(label).key / f"{number:05d}{Path(file).suffix.lower()}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (folder / REQUEST).write_text(json.dumps({"bundle": bundle, "name": name}), encoding="utf-8")
    process.spawn([sys.executable, "-m", "core.training.adapt.job", str(folder)], folder)
    return folder


def read(folder: Path) -> Job:
    """Where the job stands now; one whose process is gone without an end has failed."""
    running = process.is_running(folder)  # asked first: it may end between the two
    try:
        told = json.loads((folder / STATUS).read_bytes())
    except FileNotFoundError:
        told = {}
    change = told.pop("change", None)
    job = Job(**told, change=Change(**change) if change else None)
    if not running and not job.is_over:
        return Job(job.share, job.text, CUT_SHORT)
    return job


def _tell(folder: Path, job: Job) -> None:
    write_text(folder / STATUS, json.dumps(asdict(job)), durable=False)


def work(folder: Path) -> None:
    """Does what the request asks for."""
    asked = json.loads((folder / REQUEST).read_bytes())
    try:
        bundle = find_bundle(asked["bundle"], settings())
        table = labelled_folder(folder / CELLS)
        at_least_px = bundle.card.preparation.at_least_px
        files = [(folder / CELLS / path).read_bytes() for path in table["path"]]
        pictures = [decode_cell(file, at_least_px=at_least_px) for file in files]
        made, change = adapt(
            bundle,
            pictures,
            table["label"].tolist(),
            asked["name"],
            settings(),
            progress=lambda share, text: _tell(folder, Job(share, text)),
        )
        _tell(folder, Job(1.0, "Done", bundle=made.name if made else None, change=change))
    except (BloodCellsError, OSError) as error:
        log.error("adaptation_failed", job=folder.name, exc_info=error)
        _tell(folder, Job(error=str(error)))
    finally:
        shutil.rmtree(folder / CELLS)  # the laboratory's pictures are not kept


if __name__ == "__main__":
    logs.set_up(settings().log_level, settings().log_format)
    with logs.running("adaptation"):
        work(Path(sys.argv[1]))
