"""Finds the cell that an image shows, as its people would draw a box around it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from core.images import fit_square
from core.settings import settings
from core.vision.graph import Graph
from core.vision.locating.card import GRAPH, FinderCard

SIDE_PX = 96  # it sees the image's centred square as one of this side
PLACES = 12  # along each side, one for every eight px
KINDS = ("wbc", "platelet")
SURE = 0.1  # under this nothing is found; it does not tell whether there is a cell at all
_CENTRAL = 0.22  # of the side: how far from the middle a cell is looked for
_PLATELET = 0.5  # a platelet gives way to a white cell that is half as sure


@dataclass(frozen=True)
class Located:
    """A cell's box.

    Attributes:
        x, y: its centre, in px of the image.
        width, height: in px of the image.
        kind: one of ``KINDS``.
        sureness: 0 to 1; less for what lies away from the middle.
    """

    x: float
    y: float
    width: float
    height: float
    kind: str
    sureness: float


class Locator:
    """A locator's graph, compiled; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self.card = FinderCard.of(folder, "Cell locator")
        # In fp32, so that every machine cuts a cell out alike.
        how = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
        self._graph = Graph(folder / GRAPH[0], how)

    def find(self, image: Image.Image) -> Located | None:
        """The cell in the middle of an RGB image; None where none is seen.

        It is looked for in the centred square.
        """
        maps = self.maps(fit_square(image, SIDE_PX)[None])
        box, kind, sureness = central_box(maps[0])
        if sureness < SURE:
            return None
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        x, y, width, height = (side * box).tolist()
        return Located(left + x, top + y, width, height, kind, sureness)

    def maps(self, squares: np.ndarray) -> np.ndarray:
        """(N, 96, 96, 3) uint8 → (N, 6, 12, 12) float32, as ``LocatorNet`` tells them."""
        return self._graph.run(squares)[0]


def central_box(maps: np.ndarray) -> tuple[np.ndarray, str, float]:
    """The best box near the middle.

    Args:
        maps: (6, 12, 12), what the network tells of one image.

    Returns:
        (4,) x and y of the centre, width and height, in sides; its kind; how sure it is.
    """
    kinds = len(KINDS)
    sure = _NEAR_MIDDLE / (1 + np.exp(-maps[:kinds].astype(np.float64)))
    sure[1:] *= _PLATELET
    kind, row, column = np.unravel_index(int(sure.argmax()), sure.shape)
    across, down, width, height = maps[kinds:, row, column].astype(np.float64)
    x, y = (column + 0.5 + across) / PLACES, (row + 0.5 + down) / PLACES
    box = np.array([x, y, np.exp(width), np.exp(height)])
    return box, KINDS[kind], float(sure[kind, row, column])


def _near_middle() -> np.ndarray:
    away = (np.arange(PLACES) + 0.5) / PLACES - 0.5
    squared = away[:, None] ** 2 + away[None, :] ** 2
    return np.asarray(np.exp(-squared / (2 * _CENTRAL**2)))


_NEAR_MIDDLE = _near_middle()


@lru_cache
def open_locator(name: str) -> Locator:
    """The locator of that name; it is opened once a process.

    Raises:
        BundleRefusedError: there is none, or it is damaged.
    """
    places = [folder / name for folder in settings().locator_dirs]
    return Locator(next((place for place in places if place.is_dir()), places[0]))
