"""Tells a whole microscope field from a picture of one cell.

A picture of one cell has its cell in the middle, and nuclei are what absorbs red light in a
stained smear (haemoglobin and eosin let it pass). A field's middle holds nothing in particular,
and what lies in a field is small beside the frame. So two measures decide, both free of the
picture's size, stain and exposure:

    centre   red absorption in the middle of the frame / in the whole frame
    width    mean width of the stained bodies / shorter side of the frame

A picture is a field where ``centre * sqrt(width)`` falls below a limit; the limit is higher for
wide frames, which microscope cameras give and nobody cuts around one cell.

Form and limits were chosen on one half of the pictures and measured on the other by
``python -m benchmarks.field_recognition``: of fields of 640x480, 98.9% (BCCD) and 100% (Chula) are
recognised; of PBC cells 0.0% are taken for fields, of other laboratories' cells 0 to 5.1%. A square
field with a white cell in the very middle (25 to 33% of the square BCCD pictures) looks just like a
picture of that cell and is read as one; of wide 4:3 crops around one cell 7.2% are refused.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

SIDE_PX = 64
CENTRE_RADIUS = 0.15  # of the shorter side
WIDE_FRAME = 1.25  # longer / shorter side
LIMIT_SQUARE = 0.4
LIMIT_WIDE = 1.25

_BINS = 48


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
        """Whether the picture plainly shows a whole field."""
        limit = LIMIT_WIDE if self.aspect >= WIDE_FRAME else LIMIT_SQUARE
        return self.centre * math.sqrt(self.width) < limit


def measure(rgb: np.ndarray) -> FrameMeasures:
    """Measures a picture, (H, W, 3) uint8, at 64 pixels on its shorter side."""
    height, width = rgb.shape[:2]
    small = _shrunk(rgb)
    absorbed = _absorbance(small)  # (h, w, 3)
    red, green = absorbed[..., 0], absorbed[..., 1]
    middle = float(red[_middle(*red.shape)].mean() / (red.mean() + 1e-6))
    return FrameMeasures(middle, _body_width(green), max(height, width) / min(height, width))


def _shrunk(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = SIDE_PX / min(height, width)
    size = max(SIDE_PX, round(width * scale)), max(SIDE_PX, round(height * scale))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BILINEAR))


def _absorbance(rgb: np.ndarray) -> np.ndarray:
    """Optical density a channel, (h, w, 3) float32; the bright background is 0."""
    background = np.percentile(rgb[::2, ::2].reshape(-1, 3), 92, axis=0)
    table = np.log(np.arange(256, dtype=np.float32) + 4)
    return np.asarray(np.maximum(np.log(background + 4).astype(np.float32) - table[rgb], 0))


def _middle(height: int, width: int) -> np.ndarray:
    y, x = np.ogrid[:height, :width]
    squared = (y + 0.5 - height / 2) ** 2 + (x + 0.5 - width / 2) ** 2
    return np.asarray(squared < (CENTRE_RADIUS * SIDE_PX) ** 2)


def _body_width(green: np.ndarray) -> float:
    """Mean length of the rows' and columns' runs inside stained bodies, over SIDE_PX."""
    bodies = green > _background_threshold(np.minimum(green, np.percentile(green, 97)))
    edges = int(np.count_nonzero(bodies[1:] != bodies[:-1]))
    edges += int(np.count_nonzero(bodies[:, 1:] != bodies[:, :-1]))
    return 4 * int(np.count_nonzero(bodies)) / max(1, edges) / SIDE_PX


def _background_threshold(values: np.ndarray) -> float:
    """The lower of the two thresholds that part values into three classes.

    Source: Otsu 1979, IEEE Trans. SMC 9:62, eq. 21 (several thresholds), by full search.
    """
    counts, edges = np.histogram(values, _BINS)
    centres = (edges[1:] + edges[:-1]) / 2
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    moment = np.concatenate([[0.0], np.cumsum(counts * centres)])
    weights = weight[None] - weight[:, None]  # [i, j]: of bins i up to j
    moments = moment[None] - moment[:, None]
    spread = np.divide(moments**2, weights, out=np.zeros_like(moments), where=weights > 0)
    total = spread[0][:, None] + spread + spread[:, -1][None]
    total[np.tril_indices(_BINS + 1)] = -1.0
    return float(edges[np.unravel_index(total.argmax(), total.shape)[0]])
