"""Boxes of several sources teach a locator that can be opened."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from core.errors import DatasetMissingError, InvalidConfigError
from core.training.boxes.boxed import Boxed
from core.training.locator.fit import fit, loss_of
from core.training.locator.images import boxed_images
from core.training.locator.make import make_locator
from core.training.locator.windows import MOST_BOXES, window
from core.vision.locating.locator import KINDS, PLACES, Locator
from core.vision.locating.network import LocatorNet

VOC = """<annotation><size><width>640</width><height>480</height></size>
<object><name>WBC</name><bndbox><xmin>64</xmin><ymin>48</ymin><xmax>192</xmax><ymax>144</ymax></bndbox></object>
<object><name>RBC</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
</annotation>"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder laid out like the real one, with an image or two of each source."""
    image = Image.new("RGB", (64, 48), "white")
    for folder in (
        "pbc/bloodcells_dataset/monocyte",
        "fields/bccd/JPEGImages",
        "fields/pig",
        "fields/chula_rbc",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "fields/bccd/Annotations").mkdir()
    (tmp_path / "fields/txl_pbc/labels").mkdir(parents=True)
    image.save(tmp_path / "pbc/bloodcells_dataset/monocyte/M_1.jpg")
    image.save(tmp_path / "pbc/bloodcells_dataset/monocyte/M_2.jpg")
    rows = "monocyte/M_1.jpg,0.5,0.5,0.4,0.4\nmonocyte/M_2.jpg,0.5,0.5,0.4,0.4\n"
    (tmp_path / "pbc/boxes.csv").write_text("image,x,y,width,height\n" + rows)
    image.save(tmp_path / "fields/bccd/JPEGImages/a.jpg")
    (tmp_path / "fields/bccd/Annotations/a.xml").write_text(VOC)
    image.save(tmp_path / "fields/txl_pbc/b.jpg")
    (tmp_path / "fields/txl_pbc/labels/b.txt").write_text("1 .1 .1 .1 .1\n2 .5 .5 .25 .25\n")
    image.save(tmp_path / "fields/pig/000.jpg")
    (tmp_path / "fields/pig/000.txt").write_text("0 .5 .5 .25 .25\n")
    return tmp_path


def test_boxes_of_every_source_are_read(data: Path) -> None:
    images = {one.path.name: one for one in boxed_images(data, {"monocyte/M_1.jpg"})}
    assert images["a.jpg"].boxes.tolist() == [pytest.approx([0, 0.2, 0.2, 0.2, 0.2])]
    assert images["b.jpg"].boxes[0].tolist() == [1, 0.5, 0.5, 0.25, 0.25]  # a platelet, no red cell
    assert not images["M_1.jpg"].held_back
    assert images["M_2.jpg"].held_back


def test_litter_and_suffixes_go_by_the_one_rule(data: Path) -> None:
    before = [one.path for one in boxed_images(data, set())]
    for place in ("bccd/JPEGImages/._a.jpg", "bccd/Annotations/._a.xml", "pig/._000.jpg"):
        (data / "fields" / place).write_bytes(b"of macOS")
    kept = data / "fields/txl_pbc/.ipynb_checkpoints"
    kept.mkdir()
    (kept / "b-checkpoint.jpg").write_bytes(b"of Jupyter")
    assert [one.path for one in boxed_images(data, set())] == before
    (data / "fields/pig/000.jpg").rename(data / "fields/pig/000.jfif")
    assert len(boxed_images(data, set())) == len(before)


def test_a_missing_source_is_named(data: Path) -> None:
    (data / "pbc/boxes.csv").unlink()
    with pytest.raises(DatasetMissingError, match=r"boxes\.csv"):
        boxed_images(data, set())


def drawn(tmp_path: Path, number: int = 0, *, held_back: bool = False) -> Boxed:
    """A field of 320x240 with a dark cell, and a platelet at its edge."""
    image = Image.new("RGB", (320, 240), (240, 230, 220))
    x, y = 100 + 10 * number, 120
    ImageDraw.Draw(image).rectangle((x - 20, y - 30, x + 20, y + 30), fill=(90, 40, 140))
    path = tmp_path / f"{number}.png"
    image.save(path)
    boxes = [[0, x / 320, y / 240, 40 / 320, 60 / 240], [1, 0.05, 0.05, 0.05, 0.05]]
    return Boxed(path, "PBC", np.array(boxes, dtype=np.float32), (0, 1), held_back)


def test_a_window_shows_its_cell_where_its_box_says(tmp_path: Path) -> None:
    boxed, rng = drawn(tmp_path), np.random.default_rng(1)
    for _ in range(20):
        square, boxes = window(boxed, boxed.open(), rng)
        assert boxes.shape == (MOST_BOXES, 5)
        white = boxes[boxes[:, 0] == 0]
        if not len(white):  # around the platelet, or beside both
            assert (square[..., 1] < 130).mean() < 0.02
            continue
        _, x, y, width, height = white[0]
        dark = np.argwhere(square[..., 1] < 130) / len(square)
        low, high = dark.min(axis=0), dark.max(axis=0)
        assert ((low + high) / 2)[::-1] == pytest.approx((x, y), abs=0.04)
        assert (high - low)[::-1] == pytest.approx((width, height), abs=0.06)


@pytest.mark.parametrize("empty", [0.0, 1.0])
def test_a_window_shows_a_cell_or_none_as_asked(tmp_path: Path, empty: float) -> None:
    boxed, rng = drawn(tmp_path), np.random.default_rng(1)
    for _ in range(40):
        _, boxes = window(boxed, boxed.open(), rng, empty)
        assert (boxes[:, 0] >= 0).any() == (not empty)


def test_the_loss_is_least_where_the_maps_tell_the_box() -> None:
    boxes = torch.full((1, MOST_BOXES, 5), -1.0)
    boxes[0, 0] = torch.tensor([0, 6.5 / PLACES, 6.5 / PLACES, 0.4, 0.2])
    right = torch.full((1, len(KINDS) + 4, PLACES, PLACES), -8.0)
    right[:, len(KINDS) : len(KINDS) + 2] = 0
    right[:, -2:] = torch.tensor([0.4, 0.2]).log().view(1, 2, 1, 1)
    right[:, 0, 6, 6] = 8.0
    aside, wrong = right.clone(), right.clone()
    aside[:, len(KINDS)] = 1.0  # a place to the right
    wrong[:, :2] = wrong[:, :2].flip(1)  # a platelet
    assert loss_of(right, boxes) < loss_of(aside, boxes) < loss_of(wrong, boxes)


def test_it_learns(tmp_path: Path) -> None:
    told = list(fit([drawn(tmp_path, n) for n in range(4)], LocatorNet(16), steps=100))
    assert [step.done for step in told] == [50, 100]
    assert told[1].loss < 0.8 * told[0].loss


def test_what_is_made_can_be_opened(tmp_path: Path) -> None:
    images = [drawn(tmp_path, n, held_back=n == 3) for n in range(4)]
    card = make_locator(images, tmp_path / "mine", steps=2)
    assert set(card.figures) == {"PBC"}
    assert Locator(tmp_path / "mine").card == card
    with pytest.raises(InvalidConfigError, match="exists"):
        make_locator(images, tmp_path / "mine", steps=2)
