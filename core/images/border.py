"""Plain white or black borders, as programs pad images with that must be square."""

import numpy as np
from PIL import Image

_BLACK, _WHITE = 6, 249  # a JPEG leaves no value quite pure
_STRAIGHT = 0.85  # of a padded image's first line, at least so much is no border
_BLURRED_PX = 8  # so far a JPEG carries the image into its border


def without_border(image: Image.Image, fewest_px: int) -> Image.Image:
    """An RGB image without its plain border; as it is where it has none.

    A saturated ground is no border: what it surrounds has no straight edge.

    Args:
        fewest_px: what is left has at least this many pixels a side.
    """
    pixels = np.asarray(image)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    for outside in (_is_white, _is_black):
        if outside(edges).mean() < 1 / 8:  # not one side is plain
            continue
        inside = ~outside(pixels)
        box = _box(inside)
        if box and min(box[2] - box[0], box[3] - box[1]) >= fewest_px:
            return image if box == (0, 0, *image.size) else image.crop(box)
    return image


def _is_white(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels.min(axis=-1) >= _WHITE)


def _is_black(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels.max(axis=-1) <= _BLACK)


def _box(inside: np.ndarray) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what is inside, if that has straight edges."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    part = inside[top:bottom, left:right]
    height, width = inside.shape
    edges = [
        (left, part.mean(axis=0)),
        (top, part.mean(axis=1)),
        (width - right, part.mean(axis=0)[::-1]),
        (height - bottom, part.mean(axis=1)[::-1]),
    ]
    blurred = [_blurred(lines) if border else 0 for border, lines in edges]
    if None in blurred:
        return None
    from_left, from_top, from_right, from_bottom = (int(lines or 0) for lines in blurred)
    return (
        int(left) + from_left,
        int(top) + from_top,
        int(right) - from_right,
        int(bottom) - from_bottom,
    )


def _blurred(lines: np.ndarray) -> int | None:
    """How many lines come before the first that is straight; None where none is near.

    Args:
        lines: of each line, the share that is no border, from the border on.
    """
    straight = np.flatnonzero(lines[: _BLURRED_PX + 1] >= _STRAIGHT)
    return int(straight[0]) if len(straight) else None
