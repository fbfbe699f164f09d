"""A cell of a field as an image of its own, as large as images of single cells are."""

import numpy as np
from PIL import Image

from core.fields.find import FoundCell
from core.vision.nucleus import find_background

SIDE_UM = 36.8  # of a single cell's image in the PBC set: 363 px, its red cells 74 px wide


def crop_cell(image: Image.Image, cell: FoundCell, um_per_px: float) -> Image.Image:
    """The square around a cell of an RGB field; beyond the field lies its background."""
    side = max(round(SIDE_UM / um_per_px), 1)
    left, top, right, bottom = cell.box
    x, y = round((left + right - side) / 2), round((top + bottom - side) / 2)
    inside = (max(x, 0), max(y, 0), min(x + side, image.width), min(y + side, image.height))
    seen = image.crop(inside)
    if seen.size == (side, side):
        return seen
    red, green, blue = map(round, find_background(np.asarray(seen)))
    square = Image.new("RGB", (side, side), (red, green, blue))
    square.paste(seen, (inside[0] - x, inside[1] - y))
    return square
