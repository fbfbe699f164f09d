"""A field in overlapping tiles: a cell belongs to the tile whose core holds its centre."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.fields.scale import Colour

TILE_PX = 512  # at the scale at which cells are found
MARGIN_PX = 56  # more than the largest white cell: whoever centres in a core is seen whole
CORE_PX = TILE_PX - 2 * MARGIN_PX


@dataclass(frozen=True)
class Tile:
    """A square of ``TILE_PX`` of a field; it may reach beyond the field's edges.

    Attributes:
        left, top: of its core, in px of the field at the scale at which cells are found.
    """

    left: int
    top: int

    def pixels(self, image: Image.Image, size: tuple[int, int], ground: Colour) -> np.ndarray:
        """(TILE_PX, TILE_PX, 3) uint8; beyond the field lies ``ground``.

        Each tile is scaled by itself, so that a field scaled up takes no memory; its px are those
        that the whole field would have, scaled at once.

        Args:
            image: the field, RGB, as large as it is.
            size: width and height of the field at the scale at which cells are found.
        """
        corner = np.array([self.left, self.top]) - MARGIN_PX
        low, high = np.maximum(corner, 0), np.minimum(corner + TILE_PX, size)
        scale = np.array(image.size) / size
        width, height = (high - low).tolist()
        box = (*(low * scale), *(high * scale))
        canvas = Image.new("RGB", (TILE_PX, TILE_PX), ground)
        shown = image.resize((width, height), Image.Resampling.BILINEAR, box=box)
        canvas.paste(shown, tuple((low - corner).tolist()))
        return np.asarray(canvas)

    def owns(self, centres: np.ndarray) -> np.ndarray:
        """(N,) bool: which cells centre in its core.

        Args:
            centres: (N, 2) x and y, in px of the field.
        """
        inside = (centres >= (self.left, self.top)) & (
            centres < (self.left + CORE_PX, self.top + CORE_PX)
        )
        return np.asarray(inside.all(axis=1))


def tiles(width: int, height: int, shift: tuple[int, int] = (0, 0)) -> Iterator[Tile]:
    """Tiles whose cores cover a field.

    Args:
        width, height: of the field, in px at the scale at which cells are found.
        shift: how far the grid begins left of and above the field, in px.
    """
    for top in range(-shift[1], height, CORE_PX):
        for left in range(-shift[0], width, CORE_PX):
            yield Tile(left, top)
