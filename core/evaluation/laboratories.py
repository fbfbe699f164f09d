"""Other laboratories: a folder each, in it class folders of labelled cells.

for laboratory in laboratories(settings.laboratories_dir):
    images = update_catalogue(laboratory.root, settings.cache_dir)
    evaluate_on(laboratory, images, classifier).save(settings.evaluations_dir)
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.dataset.catalogue import Catalogue
from core.dataset.roots import class_root
from core.dataset.sources import MARKER
from core.errors import DatasetError
from core.evaluation.acceptance import acceptance
from core.evaluation.evaluate import evaluate
from core.evaluation.metrics import Metrics
from core.evaluation.results import EvaluationResult
from core.image_files import is_litter
from core.parallel import Progress
from core.vision.classifier import Classifier


@dataclass(frozen=True)
class Laboratory:
    """Labelled cells of one laboratory.

    Attributes:
        name: its folder's.
        root: the folder that holds the class folders.
    """

    name: str
    root: Path

    @property
    def split(self) -> str:
        """What its results are kept under: no other laboratory's, no split's, a plain file name."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", self.name)[:40].strip("-")
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:12]
        return f"laboratory-{readable}-{digest}"


def laboratories(folder: Path) -> list[Laboratory]:
    """The laboratories in a folder, by name; none where there is no such folder.

    Hidden folders and names that cannot be shown are left out.

    Raises:
        DatasetError: the folder is there but cannot be read.
    """
    if not folder.exists():
        return []
    try:
        places = sorted(p for p in folder.iterdir() if p.is_dir() and not is_litter(p.name))
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be read: {error.strerror}. It should hold a folder a laboratory."
        ) from error
    return [Laboratory(p.name, _root(p)) for p in places if p.name.isprintable()]


def _root(place: Path) -> Path:
    try:
        return class_root(place) or place
    except DatasetError:  # its catalogue says it
        return place


def evaluate_on(
    laboratory: Laboratory,
    catalogue: Catalogue,
    classifier: Classifier,
    progress: Progress | None = None,
) -> EvaluationResult:
    """The bundle's prediction of every usable image of a laboratory, those of no class included.

    Saved and found again like a split, under ``laboratory.split``.

    Raises:
        DatasetError: it has no image that can be used.
    """
    return evaluate(
        classifier,
        catalogue.root,
        pd.concat([catalogue.images, catalogue.outside], ignore_index=True),
        progress,
        split=laboratory.split,
        data_fingerprint=catalogue.fingerprint,
        synthetic=(catalogue.root / MARKER).exists(),
    )


def side_by_side(evaluated: Iterable[tuple[str, EvaluationResult, Metrics]]) -> pd.DataFrame:
    """One row a name, in the order given.

    Columns: laboratory, n, classes (with images), accuracy, macro_f1, macro_f1_all,
    calibration_error (all ``Estimate``), acceptance (an ``Acceptance``).
    """
    return pd.DataFrame(
        [{"laboratory": name, **_figures(result, metrics)} for name, result, metrics in evaluated]
    )


def _figures(result: EvaluationResult, metrics: Metrics) -> dict[str, object]:
    return {
        "n": metrics.n,
        "classes": sum(count > 0 for count in metrics.support.values()),
        "accuracy": metrics.accuracy,
        "macro_f1": metrics.macro["f1"],
        "macro_f1_all": metrics.macro_f1_all,
        "calibration_error": metrics.calibration_error,
        "acceptance": acceptance(result),
    }
