"""A cell's own image has it in the middle, as large as in images of single cells."""

from core.fields.crops import SIDE_UM, crop_cell
from core.fields.find import FoundCell
from core.fields.scale import WBC
from tests.core.fields.drawn import COLOURS, GROUND, drawn

UM_PER_PX = 0.1
SIDE = round(SIDE_UM / UM_PER_PX)


def cropped(x: float, y: float):
    image = drawn(1000, 800, [(WBC, x, y, 120)])
    cell = FoundCell((x - 60, y - 60, x + 60, y + 60), "wbc", 0.9, False, 12)
    return crop_cell(image, cell, UM_PER_PX)


def test_the_cell_lies_in_the_middle() -> None:
    crop = cropped(500, 400)
    assert crop.size == (SIDE, SIDE)
    assert crop.getpixel((SIDE // 2, SIDE // 2)) == COLOURS[WBC]
    assert crop.getpixel((SIDE // 2 - 70, SIDE // 2)) == GROUND


def test_beyond_the_field_lies_its_background() -> None:
    crop = cropped(62, 62)
    assert crop.size == (SIDE, SIDE)
    assert crop.getpixel((SIDE // 2, SIDE // 2)) == COLOURS[WBC]
    assert (
        max(abs(one - other) for one, other in zip(crop.getpixel((0, 0)), GROUND, strict=True)) <= 3
    )
