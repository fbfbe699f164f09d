"""Strips and tiles of TIFF files: whether damage shows, and what they may claim."""

import struct
import zlib
from itertools import product

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageRefusedError
from core.images import doubt, pages, read
from tests.core.analysis.images import encoded
from tests.core.images.cells import noisy
from tests.core.images.tiff import (
    COLOUR,
    GREY,
    LONG,
    SHORT,
    UNDEFINED,
    Tags,
    tiff,
    tiff_of_parts,
)

CELL = noisy(160, 144)
IMAGE = Image.fromarray(CELL)
DEFLATED, JPEG, YCBCR = 8, 7, 6
IMAGEJ = "ImageJ=1.54f\nimages=3\nchannels=3\nmode=composite\n"


def pillows(compression: str, mode: str = "RGB", **options: object) -> bytes:
    return encoded(IMAGE.convert(mode), "TIFF", compression=compression, **options)


def tiles(side: int = 64) -> list[np.ndarray]:
    """Whole ones, from left to right and down; what lies outside of the image is its edge."""
    height, width = CELL.shape[:2]
    wide = np.pad(CELL, ((0, -height % side), (0, -width % side), (0, 0)), mode="edge")
    places = product(range(0, height, side), range(0, width, side))
    return [wide[top : top + side, left : left + side] for top, left in places]


def deflated_tiles(level: int) -> bytes:
    parts = [zlib.compress(tile.tobytes(), level) for tile in tiles()]
    return tiff_of_parts(parts, (160, 144), DEFLATED, {}, tile=(64, 64))


def jpeg_tiles() -> bytes:
    """Their tables stand once, under a tag, as slide scanners write them."""
    parts = [encoded(Image.fromarray(tile), "JPEG", quality=90) for tile in tiles()]
    tables, ends = b"", []
    for part in parts:
        app0, frame = part.index(b"\xff\xdb"), part.index(b"\xff\xc0")
        huffman, scan = part.index(b"\xff\xc4"), part.index(b"\xff\xda")
        tables = part[app0:frame] + part[huffman:scan]
        ends.append(b"\xff\xd8" + part[frame:huffman] + part[scan:])
    tags: Tags = {
        262: (SHORT, (YCBCR,)),
        347: (UNDEFINED, b"\xff\xd8" + tables + b"\xff\xd9"),
        530: (SHORT, (2, 2)),
    }
    return tiff_of_parts(ends, (160, 144), JPEG, tags, tile=(64, 64))


SOUND = {
    "deflated": pillows("tiff_adobe_deflate"),
    "deflated, old code": pillows("tiff_deflate"),
    "deflated differences": pillows("tiff_adobe_deflate", tiffinfo={317: 2}),
    "deflated, big": pillows("tiff_adobe_deflate", big_tiff=True),
    "deflated grey": pillows("tiff_adobe_deflate", "L"),
    "deflated 16 bits": pillows("tiff_adobe_deflate", "I;16"),
    "deflated planes": tiff([np.moveaxis(CELL, 2, 0)], COLOUR, planar=True, rows=16, deflated=True),
    "stored tiles": deflated_tiles(0),
    "deflated tiles": deflated_tiles(9),
    "JPEG": pillows("jpeg"),
    "JPEG, grey": pillows("jpeg", "L"),
    "JPEG, four inks": pillows("jpeg", "CMYK"),
    "JPEG, fine": pillows("jpeg", quality=100),
    "JPEG tiles": jpeg_tiles(),
    "LZW": pillows("tiff_lzw"),
    "uncompressed": pillows("raw"),
}


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_file_is_not_damaged(kind: str) -> None:
    assert read(SOUND[kind]).image.size == (160, 144)
    assert not pages.is_damaged(SOUND[kind])


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("deflated", 0.9),
        ("deflated differences", 0.9),
        ("deflated planes", 0.9),
        ("deflated tiles", 0.9),
        ("JPEG", 0.7),
        ("JPEG tiles", 0.7),
    ],
)
def test_data_that_go_astray_are_refused_or_found(kind: str, share: float) -> None:
    readable = found = 0
    whole = SOUND[kind]
    for start in range(1000, len(whole) - 1500, 97):
        changed = bytearray(whole)
        for place in range(start, start + 370, 37):
            changed[place] ^= 0x5A
        data = bytes(changed)
        try:
            image = read(data)
        except ImageRefusedError:
            continue
        readable += 1
        found += "damaged" in (doubt(image, data) or "")
    assert readable > 10
    assert found >= share * readable


def test_damage_in_the_last_of_three_channels_is_found() -> None:
    channels = [CELL[..., channel] for channel in range(3)]
    whole = tiff(channels, GREY, IMAGEJ, deflated=True)
    strip = zlib.compress(channels[2].tobytes())
    changed = whole.replace(strip, strip[:-1] + bytes([strip[-1] ^ 1]))
    assert not pages.is_damaged(whole)
    assert pages.is_damaged(changed)


def test_data_of_reversed_bits_are_not_looked_at() -> None:
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in zlib.compress(CELL.tobytes()))
    data = tiff_of_parts([turned], (160, 144), DEFLATED, {266: (SHORT, (2,))})
    assert np.array_equal(np.asarray(read(data).image), CELL)
    assert not pages.is_damaged(data)


def test_no_more_is_inflated_than_the_image_takes() -> None:
    strip = zlib.compress(CELL.tobytes() + bytes(10_000_000))
    data = tiff_of_parts([strip[:-1] + b"\0"], (160, 144), DEFLATED, {})
    assert not pages.is_damaged(data)


def test_a_jpeg_larger_than_its_page_is_not_decoded() -> None:
    data = pillows("jpeg")
    frame = data.index(b"\xff\xc0") + 5
    changed = data[:frame] + b"\xf0\0\xf0\0" + data[frame + 4 :]
    assert not pages.is_damaged(changed)


def tile_of(side: int) -> bytes:
    part = zlib.compress(np.resize(CELL, (64, 64, 3)).tobytes())
    return tiff_of_parts([part], (64, 64), DEFLATED, {}, tile=(side, side))


def test_an_image_may_be_smaller_than_its_tile() -> None:
    parts = [zlib.compress(np.resize(CELL, (512, 512, 3)).tobytes())]
    data = tiff_of_parts(parts, (64, 64), DEFLATED, {}, tile=(512, 512))
    assert read(data).image.size == (64, 64)


def test_a_tile_larger_than_any_image_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ImageRefusedError, match="megapixels"):
        read(tile_of(20_000))


def test_strips_that_claim_the_same_bytes_again_and_again_are_refused() -> None:
    row = zlib.compress(CELL[:1].tobytes())
    part = row[:2] + b"\0\0\0\xff\xff" * 200_000 + row[2:]  # blocks without a byte
    tags = {278: (LONG, (1,))}
    assert read(tiff_of_parts([part], (160, 144), DEFLATED, tags, times=144)).image
    with pytest.raises(ImageRefusedError, match="claim"):
        read(tiff_of_parts([part], (160, 1440), DEFLATED, tags, times=1440))


def test_channels_in_tiles_of_other_sizes_are_refused() -> None:
    whole = tiff([CELL[..., channel] for channel in range(3)], GREY, IMAGEJ)
    kind = struct.pack("<HHII", 254, LONG, 1, 0)  # of a page, which nobody needs
    last = whole.rindex(kind)
    tile_width = struct.pack("<HHII", 322, LONG, 1, 4096)
    with pytest.raises(ImageRefusedError, match="tiles of different sizes"):
        read(whole[:last] + tile_width + whole[last + len(kind) :])


def test_libtiff_writes_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    whole = bytearray(SOUND["LZW"])
    whole[1000:1100] = bytes(100)
    with pytest.raises(ImageRefusedError):
        read(bytes(whole))
    assert capfd.readouterr().err == ""
