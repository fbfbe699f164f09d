"""A JPEG whose data are damaged is told from a sound one, however it was written."""

import io
from itertools import chain

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from core.errors import ImageRefusedError
from core.images import jpeg as jpeg_module
from core.images import read, reading
from core.images.jpeg import MOST_SCANS, has_too_many_scans, is_damaged, is_scalable
from tests.core.analysis.images import encoded
from tests.core.images.cells import noisy

CELL = noisy(160, 144)


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


def test_a_sound_jpeg_of_four_inks_is_not_damaged() -> None:
    assert not is_damaged(encoded(Image.fromarray(CELL).convert("CMYK"), "JPEG"))


def test_a_layout_that_the_decoder_does_not_know_is_not_damaged() -> None:
    head, data = jpeg(subsampling=0).split(b"\xff\xc0", 1)
    assert not is_damaged(head + b"\xff\xc0" + data.replace(b"\x02\x11", b"\x02\x21", 1))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}])
def test_data_that_go_astray_are_found(options: dict[str, object]) -> None:
    whole = jpeg(quality=92, **options)
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


def repeated(times: int, behind: bytes = b"", **options: object) -> bytes:
    """A progressive JPEG with its last scan so many times more."""
    whole = jpeg(progressive=True, **options)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * times + whole[-2:] + behind


def test_a_jpeg_of_scans_without_end_is_refused_before_it_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(reading.Image, "open", lambda data, **_: opened.append(data))
    for exif in (b"", b"Exif\0\0" + b"\xff\xda\xff\xd9" * 9):
        with pytest.raises(ImageRefusedError):
            read(repeated(MOST_SCANS, exif=exif))
    assert not opened


def test_as_many_scans_as_a_program_may_write_are_read() -> None:
    assert read(repeated(MOST_SCANS - 20)).image.size == (160, 144)


@pytest.mark.parametrize("place", ["exif", "comment", "behind"])
def test_what_looks_like_scans_beside_the_image_does_not_count(place: str) -> None:
    marks = b"\xff\xda\0\4" * 1000
    assert read(repeated(0, **{place: b"Exif\0\0" + marks})).image.size == (160, 144)


def test_scans_are_counted_in_time_whatever_the_bytes() -> None:
    assert not has_too_many_scans(b"\xff\xd8" + b"\xff" * 20_000_000 + b"\xda" + b"\xff\xda" * 199)


def lossless(side: int, channels: int, frame: int = 0xC3) -> bytes:
    """A grey ground, as a lossless JPEG."""

    def segment(marker: int, *held: int) -> bytes:
        return bytes([0xFF, marker, 0, len(held) + 2, *held])

    parts = [(number, 0x11, 0) for number in range(channels)]
    tables = [(number, 0) for number in range(channels)]
    return (
        b"\xff\xd8"
        + segment(frame, 8, 0, side, 0, side, channels, *chain.from_iterable(parts))
        + segment(0xC4, 0, 1, *[0] * 16)  # one code, for no difference
        + segment(0xDA, channels, *chain.from_iterable(tables), 1, 0, 0)
        + bytes(side * side * channels // 8)
        + b"\xff\xd9"
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_a_lossless_jpeg_is_only_ever_decoded_as_a_whole(
    channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = lossless(128, channels)
    # Either would write over memory.
    monkeypatch.setattr(JpegImageFile, "draft", None)
    monkeypatch.setattr(jpeg_module, "decode_jpeg", None)
    found = read(data, at_least_px=16)
    assert found.image.size == (128, 128)
    assert found.image.getextrema() == ((128, 128),) * 3
    assert not is_damaged(data)


def test_every_kind_of_frame_but_those_of_cosines_is_decoded_as_a_whole() -> None:
    assert is_scalable(jpeg()) and is_scalable(jpeg(progressive=True))
    scaled = {frame for frame in range(0xC0, 0xD0) if is_scalable(lossless(16, 1, frame))}
    assert scaled == {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}


def test_a_second_frame_is_found_wherever_it_stands() -> None:
    hidden = lossless(16, 1)[2:]
    assert not is_scalable(jpeg()[:-2] + hidden)
    assert not is_scalable(b"\xff\xd8" + b"\xff\x01\xff\xd0\0\xff\xff" + hidden)
    assert not is_scalable(b"\xff\xd8" + b"\xff\xfe\0\0" + hidden)
    assert is_scalable(jpeg(comment=hidden)) and is_scalable(jpeg() + hidden)
