"""The nucleus is looked for in images of any size."""

import pytest
from PIL import Image

from core.vision.nucleus import find_nucleus


@pytest.mark.parametrize("size", [(1, 2), (2, 1), (1, 72), (1, 1), (2, 2), (3, 16)])
@pytest.mark.parametrize("colour", ["white", "black", "purple"])
def test_the_smallest_images_are_looked_at_like_others(size: tuple[int, int], colour: str) -> None:
    """No file of them is read, but a program may hand one over."""
    nucleus = find_nucleus(Image.new("RGB", size, colour))
    assert nucleus is None or nucleus.side_px > 0
