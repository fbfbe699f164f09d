"""Tells a whole microscope field from an image of one cell.

An image of one cell has its cell in the middle, and nuclei are what absorbs red light in a
stained smear (haemoglobin and eosin let it pass). A field's middle holds nothing in particular,
and what lies in a field is small beside the frame. So two measures decide, both free of the
image's size, stain and exposure:

    centre   red absorption in the middle of the frame / in the whole frame
    width    mean width of the stained bodies / shorter side of the frame

An image is a field where ``centre * sqrt(width)`` falls below a limit; the limit is higher for
wide frames, which microscope cameras give and nobody cuts around one cell.

Form and limits were chosen on one half of the images and measured on the other by
``python -m benchmarks.field_recognition``: of fields of 640x480, 98.9% (BCCD) and 100% (Chula) are
recognised; of PBC cells 0.0% are taken for fields, of other laboratories' cells 0 to 7.8%. A square
field with a white cell in the very middle (25 to 31% of the square BCCD images) looks just like an
image of that cell and is read as one; of wide 4:3 crops around one cell 8.0% are refused.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.images.density import density, reached

SIDE_PX = 64
CENTRE_RADIUS = 0.15  # of the shorter side
WIDE_FRAME = 1.25  # longer / shorter side
LIMIT_SQUARE = 0.4
LIMIT_WIDE = 1.25

_BINS = 48
_OUT_OF_ORDER = np.tril_indices(_BINS + 1)


@dataclass(frozen=True)
class FrameMeasures:
    """What tells a field from a cell; ratios without unit.

    Attributes:
        centre: red absorption in the middle over that of the whole frame.
        width: mean width of stained bodies over the frame's shorter side.
        aspect: longer over shorter side.
    """

    centre: float
    width: float
    aspect: float

    @property
    def is_field(self) -> bool:
        """Whether the image plainly shows a whole field."""
        limit = LIMIT_WIDE if self.aspect >= WIDE_FRAME else LIMIT_SQUARE
        return self.centre * math.sqrt(self.width) < limit


def measure(image: Image.Image) -> FrameMeasures:
    """Measures an RGB image, made about 64 pixels on its shorter side."""
    small = np.asarray(image.reduce(max(1, round(min(image.size) / SIDE_PX))))
    red, green = _absorbance(small)
    middle = float(red[_middle(*red.shape)].mean() / (red.mean() + 1e-6))
    return FrameMeasures(middle, _body_width(green), max(image.size) / min(image.size))


def _absorbance(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Optical density of red and green, (h, w) float32 each; the bright background is 0."""
    sample = rgb[::2, ::2, :2].reshape(-1, 2)
    absorbed = density(rgb[..., :2], reached(sample, 0.92, axis=0))
    return absorbed[..., 0], absorbed[..., 1]


def _middle(height: int, width: int) -> np.ndarray:
    y, x = np.ogrid[:height, :width]
    squared = (y + 0.5 - height / 2) ** 2 + (x + 0.5 - width / 2) ** 2
    return np.asarray(squared < (CENTRE_RADIUS * min(height, width)) ** 2)


def _body_width(green: np.ndarray) -> float:
    """Mean length of the rows' and columns' runs inside stained bodies, over the shorter side."""
    dark = float(reached(green.ravel(), 0.97))
    bodies = green > _background_threshold(green, dark)
    edges = int(np.count_nonzero(bodies[1:] != bodies[:-1]))
    edges += int(np.count_nonzero(bodies[:, 1:] != bodies[:, :-1]))
    return 4 * int(np.count_nonzero(bodies)) / max(1, edges) / int(min(green.shape))


def _background_threshold(values: np.ndarray, highest: float) -> float:
    """The lower of the two thresholds that part values from 0 to ``highest`` into three classes.

    Source: Otsu 1979, IEEE Trans. SMC 9:62, eq. 21 (several thresholds), by full search.
    """
    if highest <= 0:
        return 0.0
    bins = np.minimum(values.ravel() * (_BINS / highest), _BINS - 1).astype(np.intp)
    counts = np.bincount(bins, minlength=_BINS)
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    moment = np.concatenate([[0.0], np.cumsum(counts * np.arange(0.5, _BINS))])
    weights = weight[None] - weight[:, None]  # [i, j]: of bins i up to j
    moments = moment[None] - moment[:, None]
    spread = moments**2 / np.maximum(weights, 1.0)
    total = spread[0][:, None] + spread + spread[:, -1][None]
    total[_OUT_OF_ORDER] = -1.0
    lower = int(total.argmax()) // (_BINS + 1)
    return lower * highest / _BINS
