"""Labelled cells: copies count once, and what overlaps is never parted."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.dataset.synthetic import render_cell
from core.training.adapt.cells import deal, read_cells
from tests.core.dataset.drawn import cell_pixels

LABELS = ("neutrophil", "monocyte", "lymphocyte")


def test_each_class_is_dealt_in_its_share() -> None:
    targets = np.repeat([0, 1, 2], [60, 27, 3])
    fitted, checked = deal(targets, [str(n) for n in range(90)], 30, np.random.default_rng(0))
    assert np.bincount(targets[fitted]).tolist() == [20, 9, 1]
    assert sorted([*fitted, *checked]) == list(range(90))


def test_what_overlaps_goes_together() -> None:
    views = [str(n // 3) for n in range(90)]
    fitted, checked = deal(np.zeros(90, int), views, 60, np.random.default_rng(0))
    assert (len(fitted), len(checked)) == (60, 30)
    assert not {views[row] for row in fitted} & {views[row] for row in checked}


def test_copies_are_left_out_and_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    labels = {}
    for number, label in enumerate(LABELS):
        (tmp_path / label).mkdir()
        image = Image.fromarray(render_cell(label, np.random.default_rng(number), 120))
        for copy, pixels in enumerate((image, image.point(lambda level: level * 0.97))):
            path = f"{label}/{copy}.png"
            pixels.save(tmp_path / path)
            labels[path] = label
    (tmp_path / "monocyte" / "bad.png").write_bytes(b"no image")
    labels["monocyte/bad.png"] = "monocyte"
    cells, unreadable, copies = read_cells(tmp_path, labels, "a folder")
    assert cells.labels == LABELS
    assert len(set(cells.views)) == 3
    assert list(unreadable) == ["monocyte/bad.png"]
    assert copies == [f"{label}/1.png" for label in LABELS]


def test_images_that_overlap_are_told_by_one_name(tmp_path: Path) -> None:
    field = np.asarray(Image.fromarray(cell_pixels(0)).resize((400, 400)))
    labels = dict.fromkeys(("1.png", "2.png", "other.png"), "basophil")
    for name, at in (("1.png", 20), ("2.png", 60)):
        Image.fromarray(field[at : at + 320, at : at + 320]).save(tmp_path / name)
    Image.fromarray(cell_pixels(1)).save(tmp_path / "other.png")
    cells, _, copies = read_cells(tmp_path, labels, "a folder")
    assert copies == []
    first, second, other = cells.views
    assert first == second != other


def test_nothing_that_can_be_read_is_no_cells(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no image")
    cells, unreadable, copies = read_cells(tmp_path, {"bad.png": "ig"}, "a folder")
    assert (cells.images, list(unreadable), copies) == ((), ["bad.png"], [])
