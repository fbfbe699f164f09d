"""Windows of boxed images, as if somebody had cut single cells out of them, well or badly."""

import math

import numpy as np
from PIL import Image

from core.training.boxes.boxed import Boxed
from core.vision.locating.locator import SIDE_PX
from core.vision.nucleus import find_background

MOST_BOXES = 12
SHARES = (0.2, 1.05)  # of the window's side: the longer side of the box that it is cut around
_TRIES = 10
EMPTY = 0.08  # so many windows show no cell
OFF = 0.3  # of the room beside the box: how far that may lie from the middle


def window(
    boxed: Boxed, image: Image.Image, rng: np.random.Generator, empty: float = EMPTY
) -> tuple[np.ndarray, np.ndarray]:
    """A random square around one of the image's cells.

    Args:
        image: the opened image of ``boxed``.
        empty: so often, one without any cell.

    Returns:
        (96, 96, 3) uint8, and (12, 5) float32: index into ``KINDS``, x, y, width and height in
        shares of the square; rows without a box start with -1.
    """
    size = np.array([*image.size, *image.size], dtype=np.float64)
    places = boxed.boxes[:, 1:] * size
    if rng.random() < empty and (beside := _beside(image, places, rng)) is not None:
        return beside, np.full((MOST_BOXES, 5), -1, dtype=np.float32)
    x, y, width, height = places[_around(boxed.boxes[:, 0], rng)]
    longer = max(width, height)
    side = longer / math.exp(rng.uniform(*np.log(SHARES)))
    room = max(side - longer, 0) * OFF
    left = x + rng.uniform(-room, room) - side / 2
    top = y + rng.uniform(-room, room) - side / 2
    pixels = _cut(image, left, top, side, rng)
    return _turned(pixels, _seen(boxed.boxes[:, 0], (places - (left, top, 0, 0)) / side), rng)


def _beside(image: Image.Image, places: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A square without any of the cells, or of nothing but background; None where there is none."""
    if rng.random() < 0.3:
        colour = rng.integers(0, 256, 3) if rng.random() < 0.5 else np.full(3, rng.integers(0, 256))
        return np.tile(colour.astype(np.uint8), (SIDE_PX, SIDE_PX, 1))
    for _ in range(_TRIES):
        side = min(image.size) * rng.uniform(0.2, 0.7)
        left, top = (rng.uniform(0, whole - side) for whole in image.size)
        apart = np.abs(places[:, :2] - (left + side / 2, top + side / 2))
        if (apart > (side + places[:, 2:]) / 2).any(axis=1).all():
            return _cut(image, left, top, side, rng)
    return None


def _around(kinds: np.ndarray, rng: np.random.Generator) -> int:
    """The box to cut around: mostly a white cell, where there is one."""
    white = np.flatnonzero(kinds == 0)
    if len(white) and (len(white) == len(kinds) or rng.random() < 0.9):
        return int(rng.choice(white))
    return int(rng.choice(np.flatnonzero(kinds == 1)))


def _cut(
    image: Image.Image, left: float, top: float, side: float, rng: np.random.Generator
) -> np.ndarray:
    x, y = math.floor(left), math.floor(top)
    around = math.ceil(side) + 2
    red, green, blue = map(round, find_background(np.asarray(image.reduce(4))))
    white = rng.random() < 0.3  # what is cut at the edge of a field is often filled with white
    canvas = Image.new("RGB", (around, around), (255, 255, 255) if white else (red, green, blue))
    canvas.paste(image, (-x, -y))
    box = (left - x, top - y, left - x + side, top - y + side)
    return np.asarray(canvas.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR, box=box))


def _seen(kinds: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(12, 5): the boxes whose centres lie in the square."""
    inside = ((places[:, :2] > 0) & (places[:, :2] < 1)).all(axis=1)
    rows = np.column_stack([kinds, places])[inside][:MOST_BOXES]
    boxes = np.full((MOST_BOXES, 5), -1, dtype=np.float32)
    boxes[: len(rows)] = rows
    return boxes


def _turned(
    pixels: np.ndarray, boxes: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mirrored and turned by a quarter at random, with its boxes."""
    boxes = boxes.copy()
    for axis, at in ((1, 1), (0, 2)):
        if rng.random() < 0.5:
            pixels = np.flip(pixels, axis)
            boxes[:, at] = 1 - boxes[:, at]
    if rng.random() < 0.5:
        pixels = pixels.transpose(1, 0, 2)
        boxes = boxes[:, [0, 2, 1, 4, 3]]
    return np.ascontiguousarray(pixels), boxes
