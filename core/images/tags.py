"""The directories of TIFF files and of EXIF data: whether what their tags claim is there.

Pillow copies what each tag points at, and thousands may point at the same megabytes.

Source: TIFF 6.0, section 2; BigTIFF, https://www.awaresystems.be/imaging/tiff/bigtiff.html.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.errors import ImageRefusedError

_MOST = 64  # directories that are looked at: so many pages are read
_SPARE = 65_536  # values that share their bytes, as programs write some
_SIZES = np.array([0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8])  # by type, in bytes
_ORDERS = {b"II": "<", b"MM": ">"}
_EXIF = b"Exif\0\0"


class _Layout(NamedTuple):
    """Where the first directory is named, and of what types its parts are.

    Attributes:
        start: of the place of the first directory.
        place: NumPy's type of a place, and of how many values a tag has.
        length: NumPy's type of how many tags a directory has.
        entry: bytes of one tag.
    """

    start: int
    place: str
    length: str
    entry: int


_CLASSIC, _BIG = _Layout(4, "u4", "u2", 12), _Layout(8, "u8", "u8", 20)
_VERSIONS = {42: _CLASSIC, 43: _BIG}


def require_fitting(data: bytes) -> None:
    """Passes over what is no TIFF structure.

    Args:
        data: a file, or EXIF data.

    Raises:
        ImageRefusedError: tags of one directory claim more than there is.
    """
    tags = data.removeprefix(_EXIF)
    if any(size > len(tags) + _SPARE for size in _claimed(tags)):
        raise ImageRefusedError(
            "The notes in this file (TIFF or EXIF tags) claim more data than it holds. "
            "Save it again as JPEG or PNG."
        )


def _claimed(data: bytes) -> Iterator[float]:
    """How many bytes the tags of each directory claim."""
    order = _ORDERS.get(data[:2])
    layout = _VERSIONS.get(_number(data, 2, f"{order}u2")) if order else None
    if layout is None:
        return
    place_type, count_type = f"{order}{layout.place}", f"{order}{layout.length}"
    tag = np.dtype(
        {
            "names": ["type", "count"],
            "formats": [f"{order}u2", place_type],
            "offsets": [2, 4],
            "itemsize": layout.entry,
        }
    )
    place = _number(data, layout.start, place_type)
    for _ in range(_MOST):
        if not place:
            return
        count = _number(data, place, count_type)
        first = place + np.dtype(count_type).itemsize
        held = min(count, max(0, len(data) - first) // layout.entry)
        tags = np.frombuffer(data, tag, held, first) if held else np.empty(0, tag)
        known = tags[tags["type"] < len(_SIZES)]
        yield float(_SIZES[known["type"]] @ known["count"].astype(float))
        place = _number(data, first + count * layout.entry, place_type)


def _number(data: bytes, place: int, kind: str) -> int:
    """0 behind the end."""
    size = np.dtype(kind).itemsize
    held = data[place : place + size]
    return int(np.frombuffer(held, kind)[0]) if len(held) == size else 0
