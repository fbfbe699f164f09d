"""The cell in the middle of an image is found, wherever it lies and however large it is shown."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from core.errors import BundleRefusedError
from core.settings import Settings
from core.settings import settings as current_settings
from core.vision.locating import locator as module
from core.vision.locating.locator import (
    GRAPH,
    KINDS,
    PLACES,
    Located,
    Locator,
    central_box,
    open_locator,
)

SHIPPED = "cells-1"


def smear(cell: tuple[float, float, float], size: tuple[int, int] = (240, 240)) -> Image.Image:
    """Pale red cells, and one white cell at x, y of so many px across."""
    image = Image.new("RGB", size, (238, 226, 208))
    draw = ImageDraw.Draw(image)
    x, y, across = cell
    for row in range(-40, size[1], 60):
        for column in range(-40, size[0], 60):
            if abs(column + 25 - x) > across / 2 + 25 or abs(row + 25 - y) > across / 2 + 25:
                draw.ellipse((column, row, column + 50, row + 50), fill=(214, 168, 160))
    for width, colour in ((1.0, (196, 176, 214)), (0.7, (92, 54, 140))):
        half = across * width / 2
        draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)
    return image


def found(image: Image.Image) -> Located:
    cell = open_locator(SHIPPED).find(image)
    assert cell is not None
    return cell


@pytest.mark.parametrize("across", [90, 130, 170])
@pytest.mark.parametrize(("x", "y"), [(120, 120), (105, 132)])
def test_a_cell_is_found_at_any_size(across: float, x: float, y: float) -> None:
    cell = found(smear((x, y, across)))
    assert (cell.x, cell.y) == pytest.approx((x, y), abs=12)
    assert (cell.width, cell.height) == pytest.approx((across, across), rel=0.2)
    assert cell.kind == "wbc"


def test_in_a_wide_image_the_box_is_in_px_of_the_whole() -> None:
    cell = found(smear((200, 120, 90), size=(400, 240)))
    assert (cell.x, cell.y) == pytest.approx((200, 120), abs=10)


@pytest.mark.parametrize("colour", ["white", "black", (238, 226, 208)])
def test_where_there_is_nothing_it_is_less_sure(colour: str | tuple[int, int, int]) -> None:
    nothing = open_locator(SHIPPED).find(Image.new("RGB", (200, 200), colour))
    assert nothing is None or nothing.sureness < found(smear((120, 120, 110))).sureness


def test_of_two_cells_that_in_the_middle_counts() -> None:
    maps = np.full((len(KINDS) + 4, PLACES, PLACES), -6.0, dtype=np.float32)
    maps[len(KINDS) :] = 0
    maps[0, 0, 0], maps[0, 6, 6] = 4.0, 2.0
    box, kind, sureness = central_box(maps)
    assert box[:2] == pytest.approx([6.5 / PLACES] * 2)
    assert kind == "wbc"
    assert 0 < sureness < 1


def test_a_damaged_locator_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / SHIPPED
    shutil.copytree(current_settings().locator_dirs[0] / SHIPPED, folder)
    with (folder / GRAPH[1]).open("r+b") as file:
        file.write(b"\x00" * 8)
    with pytest.raises(BundleRefusedError, match="checksum"):
        Locator(folder)


def test_a_locator_made_here_is_found_beside_those_that_ship(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, made_here = settings.locator_dirs
    shutil.copytree(shipped / SHIPPED, made_here / "ward-locator")
    monkeypatch.setattr(module, "settings", lambda: settings)
    assert open_locator("ward-locator").card.name == SHIPPED


def test_a_missing_locator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleRefusedError, match="none-such"):
        Locator(tmp_path / "none-such")


def test_boxes_of_real_cells_are_found(real_root: Path) -> None:
    table = pd.read_csv(real_root / "pbc" / "boxes.csv").sample(200, random_state=0)
    overlaps = []
    for path, x, y, width, height in table.itertuples(index=False):
        with Image.open(real_root / "pbc" / "bloodcells_dataset" / path) as file:
            image = file.convert("RGB")
        cell = found(image)
        across = _shared(cell.x / image.width, cell.width / image.width, x, width)
        down = _shared(cell.y / image.height, cell.height / image.height, y, height)
        own = cell.width * cell.height / (image.width * image.height)
        overlaps.append(across * down / (own + width * height - across * down))
    assert np.median(overlaps) > 0.8
    assert np.mean(np.array(overlaps) > 0.5) > 0.98


def _shared(one: float, length: float, other: float, other_length: float) -> float:
    low = max(one - length / 2, other - other_length / 2)
    return max(min(one + length / 2, other + other_length / 2) - low, 0.0)
