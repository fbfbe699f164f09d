"""A plain white or black border is cut off; a plain ground is not."""

import numpy as np
import pytest
from PIL import Image

from core.images import decode
from tests.core.analysis.images import encoded
from tests.core.images.cells import noisy

CELL = noisy()


def padded(value: int, sides: tuple[int, int, int, int]) -> Image.Image:
    top, bottom, left, right = sides
    pad = ((top, bottom), (left, right), (0, 0))
    return Image.fromarray(np.pad(CELL, pad, constant_values=value))


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("sides", [(40, 40, 48, 48), (30, 0, 0, 0), (0, 0, 0, 7), (0, 16, 9, 0)])
def test_a_border_is_cut_off(value: int, sides: tuple[int, int, int, int]) -> None:
    image = padded(value, sides)
    assert np.array_equal(np.asarray(decode(encoded(image))), CELL)


def test_a_border_that_a_jpeg_has_blurred_is_cut_off() -> None:
    image = padded(255, (40, 40, 48, 48))
    assert decode(encoded(image, "JPEG", quality=90)).size == pytest.approx((96, 80), abs=2)


@pytest.mark.parametrize("ground", [0, 255])
def test_the_ground_around_a_cell_stays(ground: int) -> None:
    y, x = np.mgrid[:96, :96]
    inside = np.hypot(x - 48, y - 48) < 20
    image = np.where(inside[..., None], (90, 50, 130), ground).astype(np.uint8)
    assert decode(encoded(Image.fromarray(image))).size == (96, 96)


@pytest.mark.parametrize("value", [0, 255])
def test_an_image_of_nothing_stays(value: int) -> None:
    assert decode(encoded(Image.new("RGB", (96, 80), (value,) * 3))).size == (96, 80)


def test_what_is_too_small_inside_stays() -> None:
    image = np.zeros((96, 96, 3), np.uint8)
    image[40:50, 40:50] = 128
    assert decode(encoded(Image.fromarray(image))).size == (96, 96)
