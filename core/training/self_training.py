"""Cells of a laboratory that nobody labelled, as the starting bundle answers them when it is sure.

Source: Lee 2013, Pseudo-Label, ICML workshop on challenges in representation learning.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from core.dataset.parallel import map_all
from core.errors import DatasetError
from core.evaluation.folders import SUFFIXES
from core.images import decode
from core.training.config import UnlabelledFields
from core.vision.bundle import Bundle
from core.vision.classifier import Classifier
from core.vision.preparation import Preparation
from core.vision.profiling import make_profile

SURE = 0.9
SEEN = 1.9  # the side of what is cut out over the longer side of the cell's box
WHITE_CELL = "0"


def sure_cells(
    fields: UnlabelledFields, start: Bundle, prepare: Preparation
) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """The cells that ``start`` is sure of under a profile made from all of them.

    Returns:
        (N, S, S, 3) uint8, the class of each, and the file that each was cut from.

    Raises:
        DatasetError: no white cell is boxed in the folder, or none is answered surely.
        ProfileError: there are too few for a profile.
    """
    found = [
        (path.name, picture)
        for path in _pictures(Path(fields.folder))
        for picture in _cut(path, fields.side_px)
    ]
    if not found:
        raise DatasetError(
            f"No white cell is boxed in {fields.folder}. It should hold images/ and labels/ with "
            "one YOLO text file a picture."
        )
    pictures = [picture for _, picture in found]
    classifier = Classifier(start)
    profile = make_profile("unlabelled", pictures, classifier)
    scores = classifier.scores(pictures, profile)
    sure = (scores.classes.max(axis=1) >= SURE) & (scores.outside.sum(axis=1) < 1 - SURE)
    rows = np.nonzero(sure)[0]
    if not len(rows):
        raise DatasetError(f"{start.name} is sure of no cell in {fields.folder}. Leave it out.")
    images = np.stack(map_all(prepare, [pictures[row] for row in rows]))
    labels = tuple(start.card.classes[scores.classes[row].argmax()] for row in rows)
    return images, labels, tuple(found[row][0] for row in rows)


def _pictures(folder: Path) -> Iterator[Path]:
    yield from sorted(p for p in (folder / "images").rglob("*") if p.suffix.lower() in SUFFIXES)


def _cut(path: Path, side_px: int) -> Iterator[Image.Image]:
    """Each white cell of a picture of that side, with what lies around it."""
    boxes = path.parents[2] / "labels" / path.parent.name / f"{path.stem}.txt"
    if not boxes.is_file():
        return
    picture = decode(path.read_bytes())
    if picture.size != (side_px, side_px):
        return
    for line in boxes.read_text(encoding="utf-8").splitlines():
        kind, *numbers = line.split()
        if kind == WHITE_CELL:
            x, y, width, height = (float(number) * side_px for number in numbers)
            half = SEEN * max(width, height) / 2
            corners = (x - half, y - half, x + half, y + half)
            left, top, right, bottom = (min(max(round(v), 0), side_px) for v in corners)
            yield picture.crop((left, top, right, bottom))
