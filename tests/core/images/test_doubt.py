"""Images without colours or with exchanged ones, damaged files and unread pages raise a doubt."""

import io

import numpy as np
import pytest
from PIL import Image

from core.images import doubt, read_cell
from core.images.jpeg import is_damaged
from tests.core.analysis.images import encoded
from tests.core.images.cells import grey, noisy
from tests.core.images.tiff import COLOUR, tiff

CELL = noisy(160, 144)


def of(data: bytes) -> str | None:
    return doubt(read_cell(data), data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_sound_image_raises_none(kind: str) -> None:
    assert of(encoded(Image.fromarray(CELL), kind)) is None


@pytest.mark.parametrize("mode", ["L", "1", "RGB"])
def test_no_colours(mode: str) -> None:
    image = Image.fromarray(grey(CELL)).convert(mode)
    assert "no colours" in str(of(encoded(image)))


def test_red_and_blue_exchanged() -> None:
    assert "exchanged" in str(of(encoded(Image.fromarray(CELL[..., ::-1].copy()))))


def test_pages() -> None:
    assert "3 pages" in str(of(tiff([CELL] * 3, COLOUR)))


def test_a_plain_image_is_judged_without_a_warning() -> None:
    with np.errstate(all="raise"):
        assert "no colours" in str(of(encoded(Image.new("RGB", (40, 40), "black"))))


def jpeg(**options: object) -> bytes:
    return encoded(Image.fromarray(CELL), "JPEG", **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"quality": 30}, {"subsampling": 0}, {"optimize": True}, {"progressive": True},
     {"restart_marker_rows": 1}],
)  # fmt: skip
def test_a_sound_jpeg_is_not_damaged(options: dict[str, object]) -> None:
    assert not is_damaged(jpeg(**options))
    assert not is_damaged(jpeg(**options) + b"trailing bytes")


def test_a_sound_jpeg_with_a_black_foot_is_not_damaged() -> None:
    dark = CELL.copy()
    dark[100:] = 0
    assert not is_damaged(encoded(Image.fromarray(dark), "JPEG"))
    assert not is_damaged(encoded(Image.new("RGB", (64, 64)), "JPEG"))


def test_a_preview_in_the_head_is_not_the_image() -> None:
    preview = encoded(Image.fromarray(CELL[::4, ::4]), "JPEG")
    exif = b"Exif\0\0" + preview
    assert not is_damaged(jpeg(exif=exif))


def test_data_that_go_astray_are_found() -> None:
    whole = jpeg(quality=92)
    found = readable = 0
    for start in range(len(whole) // 3, len(whole) - 500, 97):
        changed = bytearray(whole)
        for place in range(start, start + 370, 37):
            changed[place] ^= 0x5A
        try:
            with Image.open(io.BytesIO(changed)) as image:
                image.load()
        except OSError:
            continue
        readable += 1
        found += is_damaged(bytes(changed))
    assert readable > 20
    assert found / readable > 0.7


def test_data_that_are_cut_short_are_found() -> None:
    whole = jpeg()
    assert is_damaged(whole[: len(whole) * 2 // 3] + b"\xff\xd9")


def test_bytes_too_many_are_found() -> None:
    whole = jpeg()
    assert is_damaged(whole[:-2] + b"\x55" * 40 + b"\xff\xd9")
