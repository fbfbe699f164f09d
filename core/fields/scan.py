"""One look at all of a field, tile by tile, at a given scale."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from core.fields.detector import MOST_OVERLAP, Detector
from core.fields.maps import Boxes, joined, overlaps
from core.fields.scale import RED_CELL_PX, UM_PER_PX, Colour
from core.fields.tiles import MARGIN_PX, tiles


@dataclass(frozen=True, eq=False)
class Scan:
    """A field, and what looks at it.

    Attributes:
        image: RGB.
        ground: what lies beyond its edges.
        shift: of the grid of tiles, in px at the scale at which cells are found.
    """

    image: Image.Image
    detector: Detector
    ground: Colour
    shift: tuple[int, int] = (0, 0)

    def at(self, um_per_px: float) -> Boxes:
        """The cells at that scale, each once, in px of the image."""
        zoom = um_per_px / UM_PER_PX
        width, height = (max(1, round(side * zoom)) for side in self.image.size)
        laid = list(tiles(width, height, self.shift))
        seen = self.detector.find(
            tile.pixels(self.image, (width, height), self.ground) for tile in laid
        )
        found = []
        for tile, boxes in zip(laid, seen, strict=True):
            moved = boxes.moved(tile.left - MARGIN_PX, tile.top - MARGIN_PX)
            found.append(moved[tile.owns(moved.centres)])
        once = across_seams(joined(found))
        corners = once.corners.clip(0, [width, height, width, height])
        corners *= np.tile([self.image.width / width, self.image.height / height], 2)
        return Boxes(corners, once.kinds, once.scores)


def across_seams(boxes: Boxes) -> Boxes:
    """Without the second of a cell that two tiles saw, each a little to its own side of the seam.

    And of a white and a red cell in one place, the surer.
    """
    if not len(boxes):
        return boxes
    order = np.argsort(-boxes.scores, kind="stable")
    boxes = boxes[order]
    pairs = cKDTree(boxes.centres).query_pairs(RED_CELL_PX / 2, output_type="ndarray")
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    kept = np.ones(len(boxes), dtype=bool)
    for surer, other in pairs:
        if kept[surer] and overlaps(boxes.corners[[surer]], boxes.corners[[other]]) > MOST_OVERLAP:
            kept[other] = False
    return boxes[kept]
