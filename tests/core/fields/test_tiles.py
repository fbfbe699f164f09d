"""A cell belongs to one tile, wherever the grid lies."""

import numpy as np
import pytest
from PIL import Image

from core.fields.tiles import CORE_PX, MARGIN_PX, TILE_PX, Tile, tiles


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (200, 399)])
@pytest.mark.parametrize("size", [(1, 1), (400, 401), (1106, 830)])
def test_every_px_is_in_the_core_of_one_tile(size: tuple[int, int], shift: tuple[int, int]) -> None:
    width, height = size
    edges = [
        (x, y) for x in (0, width - 1, width / 2, 399.5) for y in (0, height - 1, height / 3, 400)
    ]
    inside = np.array([place for place in edges if place[0] < width and place[1] < height], float)
    owned = sum(tile.owns(inside).astype(int) for tile in tiles(width, height, shift))
    assert (owned == 1).all()


def test_a_tile_shows_its_core_with_a_margin_and_the_ground_beyond() -> None:
    field = Image.new("RGB", (TILE_PX, 30), (1, 2, 3))
    field.putpixel((CORE_PX, 7), (255, 0, 0))
    seen = Tile(CORE_PX, 0).pixels(field, field.size, (9, 9, 9))

    assert seen.shape == (TILE_PX, TILE_PX, 3)
    assert seen[MARGIN_PX + 7, MARGIN_PX].tolist() == [255, 0, 0]
    assert seen[MARGIN_PX, 0].tolist() == [1, 2, 3]  # of the field, left of the core
    assert seen[0, 0].tolist() == [9, 9, 9]  # above the field


@pytest.mark.parametrize("zoom", [0.31, 1.0, 2.4])
def test_tiles_hold_what_the_field_would_scaled_as_a_whole(zoom: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 900, 3)).astype(np.uint8)
    field = Image.fromarray(noise)
    size = (round(900 * zoom), round(700 * zoom))
    whole = np.asarray(field.resize(size, Image.Resampling.BILINEAR))
    for tile in tiles(*size):
        seen = tile.pixels(field, size, (0, 0, 0))[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]
        same = whole[tile.top : tile.top + CORE_PX, tile.left : tile.left + CORE_PX]
        there = seen[: same.shape[0], : same.shape[1]]
        assert np.abs(there.astype(int) - same).max() <= 2  # of rounding twice
