"""Which images show the same field, whichever data set they stand in.

Data sets of boxes were made from each other: BCCD's fields stand in TXL-PBC again, pressed to a
square, some of them turned or mirrored.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.sparse.csgraph import connected_components

from core.parallel import map_all

SAME = 0.95  # correlation of two prints, in any of eight positions
PRINT_PX = 48


def same_fields(paths: Sequence[Path]) -> np.ndarray:
    """(N,) int: one number for all images of a field."""
    prints = np.stack(map_all(_print, paths))
    flat = prints.reshape(len(paths), -1)
    alike = np.eye(len(paths), dtype=bool)
    for mirrored in (prints, prints.transpose(0, 2, 1)):
        for quarter in range(4):
            turned = np.rot90(mirrored, quarter, axes=(1, 2)).reshape(len(paths), -1)
            alike |= flat @ turned.T >= SAME
    return np.asarray(connected_components(alike, directed=False)[1])


def _print(path: Path) -> np.ndarray:
    """(48, 48) float32 of length 1: the whole image, pressed to a square, grey."""
    with Image.open(path) as image:
        small = image.convert("L").resize((PRINT_PX, PRINT_PX), Image.Resampling.BOX)
    grey = np.asarray(small, dtype=np.float32)
    grey = grey - grey.mean()
    return np.asarray(grey / max(float(np.linalg.norm(grey)), 1e-6))
