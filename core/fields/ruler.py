"""How large a field's px are, measured with its own red cells.

The detector was taught with red cells about ``RED_CELL_PX`` wide. So the middle of the field is
shown to it at several sizes. Around the right one it sees many red cells, and at neighbouring sizes
the same diameter; what it takes for red cells at a wrong one, such as grain or lobes, has another
diameter at each.
"""

import numpy as np
from PIL import Image

from core.fields.detector import Detector
from core.fields.maps import Boxes
from core.fields.scale import RBC, RED_CELL_PX, Colour

WINDOW_PX = 256
RED_CELLS_PX = tuple(np.geomspace(9, 260, 9).tolist())  # what a red cell may measure in an image
FEWEST = 4  # red cells that a scale is measured by
_SURE = 0.4
_NEAR = 0.7  # natural logarithm of the size seen over the size taught, at most
_SAME = 0.15  # natural logarithm of two diameters that are one


def red_cell_px(image: Image.Image, detector: Detector, ground: Colour) -> float | None:
    """The median diameter of the red cells in the middle of an RGB image, in its px.

    None where too few are seen at any size.
    """
    guesses = [guess for guess in RED_CELLS_PX if guess < max(image.size)]
    shown = [_middle(image, RED_CELL_PX / guess, ground) for guess in guesses]
    found = detector.find(window for window, _ in shown)
    logs, shares = [], []
    for guess, (_, visible), boxes in zip(guesses, shown, found, strict=True):
        seen = whole_red_cells(boxes, (WINDOW_PX, WINDOW_PX))
        if len(seen) >= FEWEST:
            wide = np.log(median_diameter(seen) / RED_CELL_PX)
            if abs(wide) < _NEAR:
                logs.append(np.log(guess) + wide)
                shares.append(seen.sides.prod(axis=1) @ seen.scores / visible)
    if not logs:
        return None
    agree = np.abs(np.subtract.outer(logs, logs)) < _SAME
    most = agree[int((agree @ shares).argmax())]
    return float(np.exp(np.average(np.array(logs)[most], weights=np.array(shares)[most])))


def whole_red_cells(boxes: Boxes, size: tuple[int, int]) -> Boxes:
    """The red cells that are surely seen, and are not cut by the edge of an image of that size."""
    low, high = boxes.corners[:, :2], boxes.corners[:, 2:]
    whole = ((low > 1) & (high < np.array(size) - 1)).all(axis=1)
    return boxes[whole & (boxes.kinds == RBC) & (boxes.scores >= _SURE)]


def median_diameter(boxes: Boxes) -> float:
    """The median over boxes of the diameter of the circle as large as the ellipse in the box."""
    return float(np.median(np.sqrt(boxes.sides.prod(axis=1))))


def _middle(image: Image.Image, zoom: float, ground: Colour) -> tuple[np.ndarray, int]:
    """(S, S, 3): the middle of the image at that zoom; how many of its px show the image."""
    size = np.minimum(np.array(image.size), WINDOW_PX / zoom)
    low = (np.array(image.size) - size) / 2
    width, height = np.maximum(1, np.round(size * zoom).astype(int)).tolist()
    shown = image.resize((width, height), Image.Resampling.BILINEAR, box=(*low, *(low + size)))
    canvas = Image.new("RGB", (WINDOW_PX, WINDOW_PX), ground)
    canvas.paste(shown, ((WINDOW_PX - width) // 2, (WINDOW_PX - height) // 2))
    return np.asarray(canvas), width * height
