"""The boxed images that a locator learns from: white cells and platelets, its own kinds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.fields import scale
from core.training.boxes.boxed import Boxed
from core.training.boxes.sources import images_of_cells, images_of_fields
from core.vision.locating.locator import KINDS

_OF_PBC = "TXL-PBC, 360 px"  # the same images as PBC's own, maybe of its test split


def boxed_images(data: Path, home_train: set[str]) -> list[Boxed]:
    """All of them under the folder that holds ``pbc`` and ``fields``.

    Args:
        home_train: sample ids of the PBC set that may be learnt from.

    Raises:
        DatasetMissingError: one of the sources is missing.
    """
    images = [*images_of_cells(data, home_train), *images_of_fields(data)]
    return list(_of_its_kinds([one for one in images if one.source != _OF_PBC]))


def _of_its_kinds(images: list[Boxed]) -> Iterator[Boxed]:
    theirs = [scale.KINDS.index(kind) for kind in KINDS]
    for one in images:
        boxes = one.boxes[np.isin(one.boxes[:, 0], theirs)]
        boxes[:, 0] = [theirs.index(int(kind)) for kind in boxes[:, 0]]
        if len(boxes):
            yield replace(one, boxes=boxes)
