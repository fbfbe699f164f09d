"""Windows of boxed fields at about the scale at which cells are found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.fields.scale import KINDS, RED_CELL_PX, WBC
from core.training.boxes.boxed import Boxed
from core.training.boxes.sources import TERMS
from core.vision.nucleus import find_background

SIDE_PX = 192
MOST_BOXES = 160
SCALES = (0.7, 1.4)  # of the right one: the first guess of a field's scale may be that far off
_ON_WHITE_CELL = 0.6  # so many windows are laid around a white cell
_BESIDE = 0.15  # so many show the image's edge and nothing beyond it


@dataclass(frozen=True, eq=False)
class Window:
    """A square of ``SIDE_PX``.

    Attributes:
        pixels: (S, S, 3) uint8.
        boxes: (MOST_BOXES, 5) float32: kind, x and y of the centre, width and height in px; rows
            without a box start with -1.
        complete: (kinds,) bool: every cell of the kind has its box.
    """

    pixels: np.ndarray
    boxes: np.ndarray
    complete: np.ndarray


@dataclass(frozen=True, eq=False)
class Field:
    """A boxed field, opened, as large as it is where cells are found.

    Attributes:
        boxes: (B, 5), in px.
    """

    image: Image.Image
    boxes: np.ndarray
    complete: tuple[int, ...]


def opened(boxed: Boxed, times: float = 1.4) -> Field:
    """The field of that image, so many times as large as where cells are found, to be safe."""
    image = boxed.open()
    zoom = times * RED_CELL_PX / TERMS[boxed.source].red_cell_px
    width, height = (max(1, round(side * zoom)) for side in image.size)
    boxes = boxed.boxes.copy()
    boxes[:, 1:] *= [width, height, width, height]
    return Field(image.resize((width, height), Image.Resampling.BILINEAR), boxes, boxed.complete)


def window(fields: Sequence[Field], first: int, rng: np.random.Generator, times: float) -> Window:
    """A random square of a field; where the field is smaller, others lie beside it.

    Args:
        fields: of one source.
        first: the row of the field that the square is laid over.
        times: as ``opened`` was told.
    """
    zoom = math.exp(rng.uniform(*np.log(SCALES))) / times
    field = fields[first]
    across, down = (side * zoom for side in field.image.size)
    left, top = _origin(field, zoom, rng)
    canvas = Image.new("RGB", (SIDE_PX, SIDE_PX), _ground(field.image, rng))
    rows: list[np.ndarray] = []
    alone = rng.random() < _BESIDE
    for column in range(math.floor(-left / across), math.ceil((SIDE_PX - left) / across)):
        for row in range(math.floor(-top / down), math.ceil((SIDE_PX - top) / down)):
            here = column == row == 0
            if alone and not here:
                continue
            one = field if here else fields[int(rng.integers(len(fields)))]
            size = (math.ceil(across), math.ceil(down))
            place = (left + column * across, top + row * down)
            shown = one.image.resize(size, Image.Resampling.BILINEAR)
            canvas.paste(shown, (round(place[0]), round(place[1])))
            boxes = one.boxes.copy()
            boxes[:, 1::2] *= across / one.image.width
            boxes[:, 2::2] *= down / one.image.height
            boxes[:, 1:3] += place
            rows.append(boxes)
    return _turned(np.asarray(canvas), _inside(np.concatenate(rows)), field.complete, rng)


def _origin(field: Field, zoom: float, rng: np.random.Generator) -> tuple[float, float]:
    """Where the field's left upper corner lies in the square."""
    white = field.boxes[field.boxes[:, 0] == WBC]
    if len(white) and rng.random() < _ON_WHITE_CELL:
        at = white[rng.integers(len(white)), 1:3] * zoom
        x, y = rng.uniform(0.1, 0.9, 2) * SIDE_PX - at
    else:
        x, y = (
            rng.uniform(min(0, SIDE_PX - side * zoom), max(0, SIDE_PX - side * zoom))
            for side in field.image.size
        )
    return float(x), float(y)


def _ground(image: Image.Image, rng: np.random.Generator) -> tuple[int, int, int]:
    if rng.random() < 0.3:
        shade = int(rng.integers(0, 256))
        return (shade, shade, shade)
    red, green, blue = map(round, find_background(np.asarray(image)))
    return (red, green, blue)


def _inside(boxes: np.ndarray) -> np.ndarray:
    """The boxes cut at the square's edge, without those of which little is left."""
    low = (boxes[:, 1:3] - boxes[:, 3:] / 2).clip(0, SIDE_PX)
    high = (boxes[:, 1:3] + boxes[:, 3:] / 2).clip(0, SIDE_PX)
    sides = high - low
    kept = sides.min(axis=1) > np.maximum(2.0, 0.15 * boxes[:, 3:].min(axis=1))
    rows = np.column_stack([boxes[:, 0], (low + high) / 2, sides])[kept][:MOST_BOXES]
    filled = np.full((MOST_BOXES, 5), -1, dtype=np.float32)
    filled[: len(rows)] = rows
    return filled


def _turned(
    pixels: np.ndarray, boxes: np.ndarray, complete: Sequence[int], rng: np.random.Generator
) -> Window:
    """Mirrored and turned by a quarter at random."""
    for axis, at in ((1, 1), (0, 2)):
        if rng.random() < 0.5:
            pixels = np.flip(pixels, axis)
            boxes[:, at] = SIDE_PX - boxes[:, at]
    if rng.random() < 0.5:
        pixels = pixels.transpose(1, 0, 2)
        boxes = boxes[:, [0, 2, 1, 4, 3]]
    known = np.isin(np.arange(len(KINDS)), complete)
    return Window(np.ascontiguousarray(pixels), boxes, known)
