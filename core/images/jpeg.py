"""Whether a JPEG's data fit its size: Pillow is silent where its decoder warns of damage.

Data that were changed on the way still decode, to an image whose lower part is wrong. They give
more or fewer blocks than the image has, so that the decoder is done before the data end, or wants
more. Both show when the data are cut off just before their end, or go on after it. What is damaged
in an image of several scans (progressive), or between restart marks, is not found.
"""

import io
import re
from contextlib import suppress
from typing import NamedTuple

from PIL import Image

_AHEAD = b"\0" * 8  # what the decoder looks ahead
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_BASELINE, _START_OF_SCAN, _END = (0xC0, 0xC1), 0xDA, 0xD9
_RESTARTS = range(0xD0, 0xD8)


class _Scan(NamedTuple):
    """Where the data of the only scan lie in the file, and the marker after them."""

    start: int
    end: int
    marker: int


def is_damaged(data: bytes) -> bool:
    """Whether the data of a JPEG that decodes are fewer or more than its image needs."""
    scan = _only_scan(data)
    if scan is None:
        return False
    if scan.marker != _END:  # the decoder stops at what looks like a marker
        return True
    if _reaches_the_end(data[: scan.end - 1]):
        return True
    return not _reaches_the_end(data[: scan.end] + _AHEAD) and _reaches_the_end(data)


def _only_scan(data: bytes) -> _Scan | None:
    """None where there are several scans, or no end."""
    components, place = 0, 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if kind in _BASELINE:
            components = data[place + 9]
        elif kind == _START_OF_SCAN:
            start = place + 2 + length
            is_only = data[place + 4] == components
            return _scan_from(data, start) if is_only else None
        place += 2 + length
    return None


def _scan_from(data: bytes, start: int) -> _Scan | None:
    for found in _MARKER.finditer(data, start):
        if (marker := found[1][0]) not in _RESTARTS:
            return _Scan(start, found.start(), marker)
    return None


def _reaches_the_end(data: bytes) -> bool:
    """Whether the decoder gives the last row from these data; a black one is not seen."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        image.draft("L", (1, 1))  # an eighth of the size
        with suppress(OSError):  # it waits for more: what it gave so far stands in the image
            image.load()
        filled = image.im.getbbox()
        return filled is not None and filled[3] == image.height
