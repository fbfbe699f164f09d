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
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those are tables and an extension
_OF_COSINES = frozenset((0xC0, 0xC1, 0xC2, 0xC9, 0xCA))
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


def is_scalable(data: bytes) -> bool:
    """Whether a JPEG may be decoded at a part of its size.

    Of a lossless one libjpeg-turbo gives the whole image all the same, and neither Pillow nor
    simplejpeg makes room for it: they write over what lies behind, and the process dies.
    """
    if not is_jpeg(data):
        return False
    frames = {marker for marker, _ in _segments(data)} & _FRAMES
    return bool(frames) and frames <= _OF_COSINES


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


def claimed_pixels(data: bytes) -> int:
    """Of a JPEG by its head; 0 where the decoder does not know it."""
    try:
        height, width, *_ = decode_jpeg_header(data)
    except ValueError:
        return 0
    return int(height * width)


def is_damaged(data: bytes) -> bool:
    """Whether the data of a JPEG that Pillow decodes are not what its image needs.

    Lossless ones are not looked at.
    """
    if not is_scalable(data):
        return False
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
