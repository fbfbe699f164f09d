"""What a JPEG says of itself before or beside Pillow: scans, EXIF data, and whether it is damaged.

Data that were changed on the way still decode, to an image whose lower part is wrong; the decoder
warns of it, but Pillow does not pass its warnings on.
"""

import re
from collections.abc import Iterator

from simplejpeg import decode_jpeg, decode_jpeg_header

from core.images.turns import decoding

# Each passes over the whole image again; programs write ten or so.
# Source: libtiff, tif_jpeg.c, JPEG_MAX_ALLOWABLE_SCAN_NUMBER.
MOST_SCANS = 100

_START, _END, _SCAN, _APP1 = b"\xff\xd8", 0xD9, 0xDA, 0xE1
_EXIF = b"Exif\0\0"
_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")  # those that stand alone are passed over


def is_jpeg(data: bytes) -> bool:
    """Whether a file begins like one."""
    return data.startswith(_START)


def has_too_many_scans(data: bytes) -> bool:
    """Whether a JPEG's image lies in more scans than any program writes."""
    if not is_jpeg(data) or data.count(b"\xff\xda") <= MOST_SCANS:
        return False
    return sum(marker == _SCAN for marker, _ in _segments(data)) > MOST_SCANS


def exif_of(data: bytes) -> bytes:
    """The EXIF data of a JPEG, which may lie in several segments; empty without any."""
    notes = (note for marker, note in _segments(data) if marker == _APP1)
    return b"".join(note.removeprefix(_EXIF) for note in notes if note.startswith(_EXIF))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker that has a length, with what lies in its segment.

    What lies in a segment, such as a preview, is none; what lies behind the end is none.
    """
    place = 0
    while (found := _MARKER.search(data, place)) and found[1][0] != _END:
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        place = found.end() + length
        yield found[1][0], data[found.end() + 2 : place]


def is_damaged(data: bytes) -> bool:
    """Whether the data of a JPEG that Pillow decodes are not what its image needs."""
    try:
        height, width, colours, _ = decode_jpeg_header(data)
    except ValueError:  # a layout that Pillow's decoder knows and this one does not
        return False
    try:
        # An eighth of the size: what is damaged shows in the data, not in the pixels.
        with decoding.take(height * width):
            decode_jpeg(
                data,
                colorspace="CMYK" if colours in ("CMYK", "YCCK") else "GRAY",
                min_height=1,
                min_width=1,
                strict=True,
            )
    except ValueError:
        return True
    return False
