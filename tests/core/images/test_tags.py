"""Files whose tags all point at the same megabytes are refused before these are copied."""

import io
import struct

import pytest
from PIL import Image

from core.errors import ImageRefusedError
from core.images import read
from core.images.tags import require_fitting
from tests.core.analysis.images import encoded
from tests.core.images.cells import noisy

CELL = Image.fromarray(noisy(96, 80))


def pointing(tags: int, size: int, order: str = "<") -> bytes:
    """A TIFF structure of so many tags, each of which claims the same ``size`` bytes."""
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HI", 42, 8)
    entries = (struct.pack(order + "HHII", 40_000 + n, 1, size, 8) for n in range(tags))
    return head + struct.pack(order + "H", tags) + b"".join(entries) + bytes(4) + bytes(size)


def in_jpeg(exif: bytes) -> bytes:
    """Spread over as many segments as it needs."""
    parts = [exif[at : at + 60_000] for at in range(0, len(exif), 60_000)]
    notes = [b"Exif\0\0" + part for part in parts]
    segments = [b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note for note in notes]
    plain = encoded(CELL, "JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


@pytest.mark.parametrize("order", ["<", ">"])
def test_tags_that_share_their_bytes_are_refused(order: str) -> None:
    with pytest.raises(ImageRefusedError, match="claim"):
        require_fitting(pointing(40, 10_000, order))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's, of what is cut off
@pytest.mark.parametrize(
    "exif", [pointing(1, 100_000), b"", b"II*\0", b"II*\0\xff\xff\xff\x7f"], ids=len
)
def test_tags_with_bytes_of_their_own_pass(exif: bytes) -> None:
    require_fitting(exif)
    assert read(in_jpeg(exif)).image.size == CELL.size


def test_a_big_tiff_is_looked_at_too() -> None:
    entries = b"".join(struct.pack("<HHQQ", 40_000 + n, 1, 100_000, 16) for n in range(40))
    big = b"II" + struct.pack("<HHHQ", 43, 8, 0, 16) + struct.pack("<Q", 40) + entries + bytes(8)
    with pytest.raises(ImageRefusedError, match="claim"):
        require_fitting(big + bytes(100_000))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_data_are_looked_at(kind: str) -> None:
    exif = pointing(40, 100_000)
    made = in_jpeg(exif) if kind == "JPEG" else encoded(CELL, kind, exif=exif)
    with pytest.raises(ImageRefusedError, match="claim"):
        read(made)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_usual_notes_turn_the_image(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "x" * 3000
    turned = read(encoded(CELL, kind, exif=exif)).image
    assert turned.size == CELL.size[::-1]


def test_a_later_page_is_looked_at() -> None:
    first = io.BytesIO()
    CELL.save(first, "TIFF")
    data = bytearray(first.getvalue())
    place = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, place)[0]
    shift = len(data)
    second = bytearray(pointing(40, 100_000)[8:])
    struct.pack_into("<I", data, place + 2 + 12 * count, shift)
    with pytest.raises(ImageRefusedError, match="claim"):
        read(bytes(data + second))
