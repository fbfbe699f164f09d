"""Labelled cells of a laboratory, and which of them show the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from core.dataset.folders import read_cell_files
from core.dataset.groups import add_groups
from core.dataset.measure import measure
from core.parallel import map_all


@dataclass(frozen=True, eq=False)
class LabelledCells:
    """Cells that a bundle can be fitted to.

    Attributes:
        source: where they are from, for the card.
        labels: class key of each.
        views: by which images are told that overlap: one name for all that do.
    """

    source: str
    images: tuple[Image.Image, ...]
    labels: tuple[str, ...]
    views: tuple[str, ...]


def read_cells(
    root: Path, labels: Mapping[str, str], source: str, at_least_px: int | None = None
) -> tuple[LabelledCells, dict[str, str], list[str]]:
    """The cells in these files of ``root``; of the images of one cell only the first.

    Copies would be counted as cells on which a model proved itself.

    Args:
        labels: class key of each file, by its path in ``root``.

    Returns:
        The cells; why other files cannot be read, by path; the paths of the copies.
    """
    images, unreadable = read_cell_files(root, labels, at_least_px)
    table = pd.DataFrame(map_all(lambda path: measure(root / path), list(images)), list(images))
    if len(table):
        add_groups(table, None)
    else:
        table = table.assign(group=[], view=[])
    copies = table["group"].duplicated() & table["group"].notna()
    kept = table[~copies]
    cells = LabelledCells(
        source,
        tuple(images[path] for path in kept.index),
        tuple(labels[path] for path in kept.index),
        tuple(kept["view"].fillna(kept.index.to_series())),
    )
    return cells, unreadable, table.index[copies].tolist()


def deal(
    targets: np.ndarray, views: Sequence[str], most: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to fit on, each class in its share, and rows to check with: at least a third.

    Images that overlap go together.

    Args:
        targets: (N,) class of each.
        views: as ``LabelledCells`` has them.
        most: to fit on.
    """
    count = min(most, len(targets) * 2 // 3)
    _, firsts, of_view, sizes = np.unique(
        views, return_index=True, return_inverse=True, return_counts=True
    )
    order = rng.permutation(len(firsts))
    place = np.empty(len(firsts))
    for target in np.unique(targets[firsts]):
        own = order[targets[firsts][order] == target]
        place[own] = (np.arange(len(own)) + rng.random()) / len(own)
    by_place = np.argsort(place, kind="stable")
    fitted = np.zeros(len(firsts), dtype=bool)
    for view in by_place:
        if sizes[view] <= count:
            fitted[view] = True
            count -= sizes[view]
    return np.flatnonzero(fitted[of_view]), np.flatnonzero(~fitted[of_view])
