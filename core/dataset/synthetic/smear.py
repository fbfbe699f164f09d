"""Cells laid beside and over each other on a slide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.dataset.synthetic.cells import Cell, draw_red_cell
from core.dataset.synthetic.shapes import Floats


@dataclass(frozen=True)
class Box:
    """Where a cell of a class lies in a field; pixels, ``left`` and ``top`` included."""

    key: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Placed:
    """A cell and where its centre lies, pixels."""

    key: str
    cell: Cell
    x: int
    y: int

    def leaves_free(self, x: float, y: float, radius: float) -> bool:
        """Whether a circle at that place does not touch this cell."""
        return math.hypot(x - self.x, y - self.y) > self.cell.reach_px + radius


@dataclass(frozen=True)
class Smear:
    """A growing image.

    Attributes:
        layers: (H, W, 3) optical densities so far.
        px_per_um: scale.
    """

    layers: Floats
    px_per_um: float

    @classmethod
    def empty(cls, width_px: int, height_px: int, px_per_um: float) -> "Smear":
        """A smear without cells."""
        return cls(np.zeros((height_px, width_px, 3), np.float32), px_per_um)

    def cover(self, placed: Placed) -> Box:
        """Lays a cell over what is there; gives the box of its body inside the image."""
        here, there = self._overlap(placed.cell, placed.x, placed.y)
        alpha = placed.cell.alpha[there]
        self.layers[here] += (placed.cell.density[there] - self.layers[here]) * alpha[..., None]
        rows, columns = np.nonzero(alpha >= 0.5)
        top, left = here[0].start + int(rows.min()), here[1].start + int(columns.min())
        return Box(placed.key, left, top, int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)

    def add(self, cell: Cell, x: int, y: int) -> None:
        """Lays a see-through cell on; where two lie on each other both are seen."""
        here, there = self._overlap(cell, x, y)
        below, above = self.layers[here], cell.density[there] * cell.alpha[there][..., None]
        self.layers[here] = np.maximum(below, above) + 0.3 * np.minimum(below, above)

    def _overlap(self, cell: Cell, x: int, y: int) -> tuple[tuple[slice, slice], ...]:
        half, (height, width) = cell.alpha.shape[0] // 2, self.layers.shape[:2]
        top, left = max(y - half, 0), max(x - half, 0)
        bottom, right = min(y + half + 1, height), min(x + half + 1, width)
        here = slice(top, max(bottom, top)), slice(left, max(right, left))
        shift_y, shift_x = half - y, half - x
        there = (
            slice(here[0].start + shift_y, here[0].stop + shift_y),
            slice(here[1].start + shift_x, here[1].stop + shift_x),
        )
        return here, there


def scatter_red_cells(smear: Smear, rng: np.random.Generator, others: Sequence[Placed]) -> None:
    """Fills the places that ``others`` leave free with red cells of one kind of smear."""
    height, width = smear.layers.shape[:2]
    radius_um = rng.normal(3.65, 0.15)
    pallor, crenated = rng.uniform(0.2, 0.95), max(0.0, rng.uniform(-0.4, 0.35))
    area_um2 = width * height / smear.px_per_um**2
    circles: list[tuple[float, float, float]] = []
    for _ in range(int(rng.uniform(0.7, 2.0) * area_um2 / (math.pi * radius_um**2))):
        x, y = rng.uniform(-20, width + 20), rng.uniform(-20, height + 20)
        own_um = radius_um * rng.normal(1, 0.06)
        own = own_um * smear.px_per_um
        lapped = any(math.hypot(x - a, y - b) < r + 0.7 * own for a, b, r in circles)
        if not lapped and all(other.leaves_free(x, y, own) for other in others):
            circles.append((x, y, own))
            cell = draw_red_cell(rng, smear.px_per_um, own_um, pallor, crenated)
            smear.add(cell, round(x), round(y))
