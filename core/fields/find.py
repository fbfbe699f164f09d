"""All cells of a field: where each lies, of which kind it is, and how large."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.errors import ImageRefusedError
from core.fields.detector import Detector, open_detector
from core.fields.maps import Boxes, joined, overlaps
from core.fields.ruler import FEWEST, median_diameter, red_cell_px, whole_red_cells
from core.fields.scale import KINDS, RED_CELL_UM, UM_PER_PX, WBC, Colour
from core.fields.scan import Scan
from core.vision.locating.locator import open_locator
from core.vision.nucleus import find_background

LOCATOR = "cells-1"
WHITE_CELL_UM, WHITE_CELLS_UM = 13.0, (6.0, 26.0)  # the usual one; the smallest and the largest
IMAGE_UM = 30.0  # the shorter side of an image, where no red cells tell its scale
# The detector misses a white cell out of focus, and one that fills its image; the locator finds it.
# In fields without white cells it is never surer than 0.25 (52 of Chula RBC-12).
ONE_IS_SURE, ONE_IS_LARGE, ONE_IS_THE_SAME = 0.3, 0.25, 0.2
FEWEST_PX = 8  # across a red cell: of fewer nobody tells cells
COARSEST_UM = RED_CELL_UM / FEWEST_PX
ROW_UM = 12.0  # height of a row in scan order
_EDGE_PX = 1.5  # of the field at the scale at which cells are found
_RETRY = 0.12  # natural logarithm of a scale's error from which it is worth to look once more


@dataclass(frozen=True)
class FoundCell:
    """A cell of a field.

    Attributes:
        box: left, top, right, bottom in px of the image.
        kind: one of ``KINDS``.
        score: how sure it is that there is one, in [0, 1].
        cut: by the edge of the image; such a cell is listed and not counted. A cell that holds the
            image's middle is what the image is of, and is never cut.
        diameter_um: of the circle as large as the ellipse in its box.
    """

    box: tuple[float, float, float, float]
    kind: str
    score: float
    cut: bool
    diameter_um: float


@dataclass(frozen=True)
class FoundField:
    """What lies in a field.

    Attributes:
        um_per_px: of the image.
        estimated: by its own red cells, or, where it shows none, by its one cell or its size.
        cells: white cells first, then red cells, then platelets; each kind in scan order.
    """

    width: int
    height: int
    um_per_px: float
    estimated: bool
    cells: tuple[FoundCell, ...]

    def of(self, kind: str) -> tuple[FoundCell, ...]:
        """The cells of that kind."""
        return tuple(cell for cell in self.cells if cell.kind == kind)


def find_cells(
    image: Image.Image,
    um_per_px: float | None = None,
    *,
    detector: Detector | None = None,
    shift: tuple[int, int] = (0, 0),
) -> FoundField:
    """Finds the cells in an RGB image, be it a field or one cell.

    Args:
        um_per_px: where it is known; else red cells are the ruler.
        shift: of the grid of tiles, in px at the scale at which cells are found.

    Raises:
        ImageRefusedError: the px are too large for cells to be seen.
    """
    if um_per_px is not None and um_per_px > COARSEST_UM:
        raise ImageRefusedError(
            f"A pixel of this image is {um_per_px:.2f} µm wide, so that a red cell has fewer than "
            f"{FEWEST_PX} of them across. Take it through a stronger objective."
        )
    scan = Scan(image, detector or open_detector(), _ground(image), shift)
    scale = um_per_px
    if scale is None:
        boxes, scale = _by_red_cells(scan)
    else:
        boxes = scan.at(scale)
    if (one := _the_one(image)) and not one.is_among(boxes):
        low, high = WHITE_CELLS_UM
        if um_per_px is None and not low < one.side_px * scale < high:  # no red cells, then
            scale = WHITE_CELL_UM / one.side_px
            boxes = scan.at(scale)
        if not one.is_among(boxes):
            boxes = joined([boxes, one.boxes])
    return _field(image, boxes, scale, estimated=um_per_px is None)


def _ground(image: Image.Image) -> Colour:
    small = image.reduce(max(1, max(image.size) // 512))
    red, green, blue = map(round, find_background(np.asarray(small)))
    return (red, green, blue)


def _by_red_cells(scan: Scan) -> tuple[Boxes, float]:
    """The cells, and µm per px by the red ones."""
    diameter = red_cell_px(scan.image, scan.detector, scan.ground) or 0.0
    by_image = IMAGE_UM / min(scan.image.size)
    scale = RED_CELL_UM / diameter if diameter >= FEWEST_PX else min(by_image, COARSEST_UM)
    boxes = scan.at(scale)
    red = whole_red_cells(boxes, scan.image.size)
    if len(red) < FEWEST:
        return boxes, scale
    better = RED_CELL_UM / median_diameter(red)
    if better > COARSEST_UM:  # grain, not cells
        return boxes, scale
    return (scan.at(better) if abs(np.log(better / scale)) > _RETRY else boxes), better


@dataclass(frozen=True, eq=False)
class _One:
    """The cell of an image of one."""

    boxes: Boxes
    side_px: float

    def is_among(self, boxes: Boxes) -> bool:
        """Whether it is one of the white cells there."""
        white = boxes.corners[boxes.kinds == WBC]
        return bool((overlaps(self.boxes.corners, white) > ONE_IS_THE_SAME).any())


def _the_one(image: Image.Image) -> _One | None:
    """The white cell in the middle of an image that shows little else."""
    cell = open_locator(LOCATOR).find(image)
    if cell is None or cell.kind != KINDS[WBC] or cell.sureness < ONE_IS_SURE:
        return None
    if max(cell.width, cell.height) < ONE_IS_LARGE * min(image.size):
        return None
    half = np.array([cell.width, cell.height]) / 2
    middle = np.array([cell.x, cell.y])
    corners = np.concatenate([middle - half, middle + half]).clip(0, np.tile(image.size, 2))
    boxes = Boxes(corners[None], np.array([WBC]), np.array([cell.sureness]))
    return _One(boxes, max(cell.width, cell.height))


def _field(image: Image.Image, boxes: Boxes, um_per_px: float, *, estimated: bool) -> FoundField:
    edge = _EDGE_PX * UM_PER_PX / um_per_px
    size = np.array(image.size)
    room = np.hstack([boxes.corners[:, :2], size - boxes.corners[:, 2:]])
    beside = (
        np.abs(boxes.centres - size / 2) > boxes.sides / 2
    )  # what holds the middle is the subject
    cut = (room.min(axis=1) < edge) & beside.any(axis=1)
    diameters = np.sqrt(boxes.sides.prod(axis=1)) * um_per_px
    row_um = boxes.centres[:, 1] * um_per_px // ROW_UM
    order = np.lexsort((boxes.centres[:, 0], row_um, boxes.kinds))
    ordered = boxes[order]
    told = zip(
        ordered.corners, ordered.kinds, ordered.scores, cut[order], diameters[order], strict=True
    )
    cells = tuple(
        FoundCell(tuple(corners.tolist()), KINDS[kind], float(score), bool(is_cut), float(um))
        for corners, kind, score, is_cut, um in told
    )
    return FoundField(image.width, image.height, um_per_px, estimated, cells)
