"""The one way in which bytes become images, for training and for predictions alike.

``read`` and ``read_cell`` give an image and what its file says of it, ``doubt`` says why a person
should look at it, whatever is predicted.
"""

from core.image_files import SUFFIXES
from core.images.doubt import doubt
from core.images.reading import (
    CELL_SIDE_PX,
    FORMATS,
    MIN_SIDE_PX,
    Decoded,
    decode,
    decode_cell,
    fit_square,
    read,
    read_cell,
)
from core.images.turns import MAX_PIXELS

__all__ = [
    "CELL_SIDE_PX",
    "FORMATS",
    "MAX_PIXELS",
    "MIN_SIDE_PX",
    "SUFFIXES",
    "Decoded",
    "decode",
    "decode_cell",
    "doubt",
    "fit_square",
    "read",
    "read_cell",
]
