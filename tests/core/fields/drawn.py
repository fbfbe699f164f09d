"""A drawn field of discs, and a detector that sees discs by their colour."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from core.fields.maps import Boxes, joined
from core.fields.scale import RBC, WBC

GROUND = (240, 235, 230)
COLOURS = {WBC: (90, 40, 160), RBC: (220, 60, 60)}
Disc = tuple[int, float, float, float]  # kind, x, y of the centre, diameter


def drawn(width: int, height: int, discs: Iterable[Disc]) -> Image.Image:
    """A field with these discs."""
    image = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(image)
    for kind, x, y, diameter in discs:
        half = diameter / 2
        draw.ellipse((x - half, y - half, x + half, y + half), fill=COLOURS[kind])
    return image


def rows_of(width: int, height: int, diameter: float, apart: float) -> list[Disc]:
    """Red cells in rows, none at an edge."""
    xs = np.arange(apart, width - apart, apart)
    ys = np.arange(apart, height - apart, apart)
    return [(RBC, float(x), float(y), diameter) for y in ys for x in xs]


class Eye:
    """Sees every disc of at least 5 px, as wide as it is; those of 12 to 60 px alone, if asked."""

    def __init__(self, sees: tuple[float, float] = (5, 1000)) -> None:
        self._sees = sees

    def find(self, windows: Iterable[np.ndarray]) -> Iterator[Boxes]:
        for window in windows:
            yield joined([self._of(window, kind) for kind in COLOURS])

    def _of(self, window: np.ndarray, kind: int) -> Boxes:
        away = np.abs(window.astype(int) - COLOURS[kind]).sum(axis=2)
        parts, _ = ndimage.label(away < 120)
        found = [(part[1], part[0]) for part in ndimage.find_objects(parts)]
        corners = np.array(
            [(x.start, y.start, x.stop, y.stop) for x, y in found], dtype=float
        ).reshape(-1, 4)
        sides = (corners[:, 2:] - corners[:, :2]).max(axis=1)
        corners = corners[(sides >= self._sees[0]) & (sides <= self._sees[1])]
        return Boxes(corners, np.full(len(corners), kind), np.full(len(corners), 0.9))


def as_detector(eye: Eye) -> Any:
    """For arguments that want a ``Detector``."""
    return eye
