"""The two images of a synthetic smear: one cell in the middle, and a whole field."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.dataset.synthetic.cells import Cell, draw_cell
from core.dataset.synthetic.looks import LOOKS
from core.dataset.synthetic.smear import Box, Placed, Smear, scatter_red_cells
from core.dataset.synthetic.stain import Stain
from core.errors import DatasetError
from core.images import fit_square

_CELL_SIDE_PX = 360
_CELL_PX_PER_UM = 9.6  # the PBC images: a red cell of 7.4 micrometres takes 71 pixels
_FIELD_PX_PER_UM = 6.4
_TRIES = 300


def render_cell(key: str, rng: np.random.Generator, side_px: int = _CELL_SIDE_PX) -> np.ndarray:
    """One cell of a class between red cells, as an analyser crops it.

    Args:
        key: class key of the taxonomy; its subtypes are drawn equally often.
        rng: the only source of chance: equal states give equal pixels.
        side_px: side of the image. The cell is drawn at 360 pixels and then resized, so a
            seed gives the same cell at every size.

    Returns:
        (side_px, side_px, 3) uint8.
    """
    return render_subtype(key, _draw_prefix(key, rng), rng, side_px)


def render_subtype(
    key: str, prefix: str, rng: np.random.Generator, side_px: int = _CELL_SIDE_PX
) -> np.ndarray:
    """One cell of the subtype with that file-name prefix; else as ``render_cell``."""
    px_per_um = _CELL_PX_PER_UM * rng.normal(1, 0.03)
    x, y = (round(_CELL_SIDE_PX / 2 + rng.normal(0, 3)) for _ in range(2))
    placed = [Placed(key, draw_cell(LOOKS[key][prefix], rng, px_per_um), x, y)]
    for _ in range(rng.poisson(0.5)):
        bystander = _draw_cell("platelet", rng, px_per_um)
        spot = _find_place(rng, bystander, placed, _CELL_SIDE_PX, _CELL_SIDE_PX)
        placed += [Placed("platelet", bystander, *spot)] if spot else []
    image, _ = _photograph(rng, placed, _CELL_SIDE_PX, _CELL_SIDE_PX, px_per_um)
    return image if side_px == _CELL_SIDE_PX else fit_square(Image.fromarray(image), side_px)


def render_field(
    rng: np.random.Generator,
    width_px: int = 640,
    height_px: int = 480,
    cells: Sequence[str] | None = None,
) -> tuple[np.ndarray, list[Box]]:
    """A whole microscope field: the given cells, apart and uncut, between red cells.

    Args:
        rng: the only source of chance.
        width_px: width of the image.
        height_px: height of the image.
        cells: class keys, one a cell; by default two to four cells with a nucleus and up to
            six platelets.

    Returns:
        (height_px, width_px, 3) uint8, and one box for each of ``cells``, none for red cells.

    Raises:
        DatasetError: the field has no room for so many cells.
    """
    px_per_um = _FIELD_PX_PER_UM * rng.normal(1, 0.06)
    keys = _draw_keys(rng) if cells is None else list(cells)
    drawn = [(key, _draw_cell(key, rng, px_per_um)) for key in keys]
    placed: list[Placed] = []
    for key, cell in sorted(drawn, key=lambda pair: -pair[1].reach_px):
        spot = _find_place(rng, cell, placed, width_px, height_px)
        if spot is None:
            raise DatasetError(
                f"A field of {width_px}x{height_px} pixels has no room for {len(keys)} cells. "
                "Make the field larger or ask for fewer cells."
            )
        placed.append(Placed(key, cell, *spot))
    return _photograph(rng, placed, width_px, height_px, px_per_um)


def _draw_prefix(key: str, rng: np.random.Generator) -> str:
    return str(rng.choice(list(LOOKS[key])))


def _draw_cell(key: str, rng: np.random.Generator, px_per_um: float) -> Cell:
    return draw_cell(LOOKS[key][_draw_prefix(key, rng)], rng, px_per_um)


def _draw_keys(rng: np.random.Generator) -> list[str]:
    nucleated = [key for key in LOOKS if key != "platelet"]
    keys: list[str] = rng.choice(nucleated, size=int(rng.integers(2, 5))).tolist()
    return keys + ["platelet"] * int(rng.integers(0, 7))


def _find_place(
    rng: np.random.Generator, cell: Cell, placed: Sequence[Placed], width: int, height: int
) -> tuple[int, int] | None:
    """A centre where the cell lies whole in the image and touches no other."""
    reach = cell.reach_px + 2
    if 2 * reach >= min(width, height):
        return None
    for _ in range(_TRIES):
        x, y = rng.uniform(reach, width - reach), rng.uniform(reach, height - reach)
        if all(other.leaves_free(x, y, reach) for other in placed):
            return round(x), round(y)
    return None


def _photograph(
    rng: np.random.Generator, placed: Sequence[Placed], width: int, height: int, px_per_um: float
) -> tuple[np.ndarray, list[Box]]:
    smear = Smear.empty(width, height, px_per_um)
    scatter_red_cells(smear, rng, placed)
    boxes = [smear.cover(cell) for cell in placed]
    return Stain.draw(rng).develop(smear.layers, rng), boxes
