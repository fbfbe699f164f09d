"""The strips or tiles that a TIFF's image lies in: what they claim, and whether they are damaged.

libtiff decodes as many samples as an image needs and looks at nothing behind them, so that it
passes over the checksum of deflated data, and over libjpeg's warnings.

Source: TIFF 6.0, sections 3, 15 and 22; Adobe Photoshop TIFF technical notes, 2002 (deflate).
"""

import zlib
from collections.abc import Iterator

from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import (
    COMPRESSION,
    FILLORDER,
    JPEGTABLES,
    STRIPBYTECOUNTS,
    STRIPOFFSETS,
    TILEBYTECOUNTS,
    TILELENGTH,
    TILEOFFSETS,
    TILEWIDTH,
    TiffImageFile,
)

from core.errors import ImageRefusedError
from core.image_files import MOST_BYTES
from core.images import jpeg

_JPEG, _DEFLATED = 7, (8, 32946)
_START, _END = b"\xff\xd8", b"\xff\xd9"
_PIECE = 2**14  # bytes, which inflate to 16 MiB at most
_BYTES_PER_PX = 8  # of the deepest that is read


def room(image: ImageFile) -> int:
    """Pixels that an opened page takes to decode: tiles are whole, however little they show."""
    width, height = image.size
    if isinstance(image, TiffImageFile):
        tile_width, tile_height = (image.tag_v2.get(tag, 1) for tag in (TILEWIDTH, TILELENGTH))
        width, height = (
            -(-width // tile_width) * tile_width,
            -(-height // tile_height) * tile_height,
        )
    return int(width * height)


def require_fitting_strips(image: TiffImageFile) -> None:
    """Refuses a page whose strips would be read again and again: many may lie at one place.

    Raises:
        ImageRefusedError: together they claim more than any file that is read holds.
    """
    counts = _numbers(image, TILEBYTECOUNTS, STRIPBYTECOUNTS)
    if len(counts) > 1 and sum(counts) > MOST_BYTES:
        raise ImageRefusedError(
            "The parts of this TIFF claim more data than it holds. Save it again as JPEG or PNG."
        )


def are_damaged(image: TiffImageFile, data: bytes) -> bool:
    """Whether the data of a page that Pillow decodes are not those that were written.

    Only deflated and JPEG data tell; for all others the answer is no.

    Args:
        image: opened at that page.
        data: the file's bytes.
    """
    compression = image.tag_v2.get(COMPRESSION)
    if compression in _DEFLATED and image.tag_v2.get(FILLORDER, 1) == 1:
        return _is_any_inflated_wrong(_parts(image, data), _BYTES_PER_PX * room(image))
    if compression == _JPEG:
        return _is_any_jpeg_damaged(image, data)
    return False


def _numbers(image: TiffImageFile, *tags: int) -> tuple[int, ...]:
    return next((tuple(map(int, image.tag_v2[tag])) for tag in tags if tag in image.tag_v2), ())


def _parts(image: TiffImageFile, data: bytes) -> Iterator[memoryview]:
    places = _numbers(image, TILEOFFSETS, STRIPOFFSETS)
    counts = _numbers(image, TILEBYTECOUNTS, STRIPBYTECOUNTS)
    whole = memoryview(data)
    return (whole[place : place + count] for place, count in zip(places, counts, strict=False))


def _is_any_inflated_wrong(parts: Iterator[memoryview], most: int) -> bool:
    """Whether one of them does not fit its checksum; of ``most`` bytes that they inflate to."""
    for part in parts:
        stream = zlib.decompressobj()
        for place in range(0, len(part), _PIECE):
            try:
                most -= len(stream.decompress(part[place : place + _PIECE]))
            except zlib.error:
                return True
            if most < 0:
                return False
            if stream.eof:
                break
    return False


def _is_any_jpeg_damaged(image: TiffImageFile, data: bytes) -> bool:
    tables = image.tag_v2.get(JPEGTABLES, b"")
    if not isinstance(tables, bytes):
        return False
    tables = tables.removesuffix(_END)
    left = room(image) * len(image.getbands())
    for part in _parts(image, data):
        whole = tables + bytes(part).removeprefix(_START) if tables else bytes(part)
        left -= jpeg.claimed_pixels(whole)
        if left < 0 or jpeg.has_too_many_scans(whole):
            return False
        if jpeg.is_damaged(whole):
            return True
    return False
