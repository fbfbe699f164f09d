"""However a file holds its samples, it shows the image that its 8 bits would show."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.images import decode
from tests.core.analysis.images import encoded
from tests.core.images.cells import grey, noisy
from tests.core.images.tiff import COLOUR, GREY, MIN_IS_WHITE, tiff

CELL = noisy()


def shown(data: bytes) -> np.ndarray:
    return np.asarray(decode(data))


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_the_depth_of_a_camera_does_not_matter(bits: int) -> None:
    deep = CELL.astype(np.uint16) << (bits - 8)
    assert np.array_equal(shown(tiff([deep], COLOUR)), CELL)
    flat = grey(CELL).astype(np.uint16) << (bits - 8)
    assert np.array_equal(shown(tiff([flat], GREY))[..., 0], grey(CELL))
    assert np.array_equal(shown(encoded(Image.fromarray(flat)))[..., 0], grey(CELL))


def test_planes_of_their_own() -> None:
    deep = np.moveaxis(CELL.astype(np.uint16) * 257, 2, 0)
    assert np.array_equal(shown(tiff([deep], COLOUR, planar=True)), CELL)
    assert np.array_equal(shown(tiff([np.moveaxis(CELL, 2, 0)], COLOUR, planar=True)), CELL)


def test_compressed_colours_of_16_bits() -> None:
    assert np.array_equal(shown(_png16(CELL.astype(np.uint16) << 4)), CELL)


@pytest.mark.parametrize("depth", [8, 16])
def test_the_least_sample_may_be_white(depth: int) -> None:
    negative = 255 - grey(CELL)
    deep = negative if depth == 8 else negative.astype(np.uint16) * 257
    assert np.array_equal(shown(tiff([deep], MIN_IS_WHITE))[..., 0], grey(CELL))


def test_a_hot_pixel_does_not_make_the_others_dark() -> None:
    hot = grey(CELL).astype(np.uint16) << 4
    hot[3, 3] = 65535
    expected = grey(CELL).copy()
    expected[3, 3] = 255
    assert np.array_equal(shown(tiff([hot], GREY))[..., 0], expected)


def test_numbers_without_a_range_are_stretched_but_for_the_rarest() -> None:
    values = grey(CELL).astype(np.float32) / 1000
    values[0, 0], values[0, 1] = 1e6, np.nan
    image = Image.fromarray(values)
    found = shown(encoded(image, "TIFF"))[..., 0]
    assert np.corrcoef(found[1:].ravel(), grey(CELL)[1:].ravel())[0, 1] > 0.99
    assert np.ptp(found) == 255


def test_an_alpha_that_is_nought_everywhere_is_unused() -> None:
    unused = np.dstack([CELL, np.zeros(CELL.shape[:2], np.uint8)])
    assert np.array_equal(shown(tiff([unused], COLOUR, alpha=True)), CELL)
    assert np.array_equal(shown(_bmp_with_alpha(unused)), CELL)
    assert np.array_equal(shown(encoded(Image.fromarray(unused))), CELL)


def _png16(pixels: np.ndarray) -> bytes:
    """(H, W, 3) uint16 as a PNG, which Pillow does not write."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    out = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        out += struct.pack(">I", len(body)) + kind + body
        out += struct.pack(">I", zlib.crc32(kind + body))
    return out


def _bmp_with_alpha(rgba: np.ndarray) -> bytes:
    """(H, W, 4) uint8 as a BMP of version 4 with a mask for alpha."""
    height, width, _ = rgba.shape
    body = rgba[::-1, :, [2, 1, 0, 3]].tobytes()
    head = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, len(body), 0, 0, 0, 0)
    head += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + b"\0" * 48
    start = 14 + len(head)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + head + body
