"""Images without colours or with exchanged ones and unread pages raise a doubt."""

import numpy as np
import pytest
from PIL import Image

from core.images import doubt, read_cell
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
