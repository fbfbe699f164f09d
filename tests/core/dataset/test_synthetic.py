"""The synthetic smear: seeded, marked, true to its boxes, and its classes can be told apart."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.dataset.sources import MARKER
from core.dataset.synthetic import (
    Box,
    example_cells,
    render_cell,
    render_field,
    write,
    write_dataset,
)
from core.errors import DatasetError
from core.taxonomy import KEYS, subtype_name

ROOT = Path(__file__).parents[3]
SIDE = 360
DIGEST = """
import hashlib, numpy as np
from core.dataset.synthetic import render_cell, render_field
cell = render_cell("monocyte", np.random.default_rng(7))
field, _ = render_field(np.random.default_rng(7))
print(hashlib.sha256(cell.tobytes() + field.tobytes()).hexdigest())
"""


def dark(rgb: np.ndarray) -> np.ndarray:
    """The pixels as dark and blue as a nucleus or its granules, (H, W) bool."""
    return (rgb[..., 0] < 140) & (rgb[..., 1] < 100)


def middle(rgb: np.ndarray) -> np.ndarray:
    """The part of a cell image where only the cell itself lies."""
    half, reach = rgb.shape[0] // 2, 62
    return rgb[half - reach : half + reach, half - reach : half + reach]


@pytest.fixture(scope="module")
def cells() -> dict[str, np.ndarray]:
    """Twelve cells of each class, (12, 360, 360, 3)."""
    return {
        key: np.stack([render_cell(key, np.random.default_rng([3, n, i])) for i in range(12)])
        for n, key in enumerate(KEYS)
    }


def share_dark(images: np.ndarray) -> float:
    return float(np.mean([dark(middle(image)).mean() for image in images]))


def test_a_seed_gives_the_same_pixels_in_every_process() -> None:
    def other_process() -> str:
        done = subprocess.run(
            [sys.executable, "-c", DIGEST], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    cell = render_cell("monocyte", np.random.default_rng(7))
    field, _ = render_field(np.random.default_rng(7))
    here = hashlib.sha256(cell.tobytes() + field.tobytes()).hexdigest()
    assert other_process() == here


def test_another_seed_gives_another_cell() -> None:
    first, second = (render_cell("platelet", np.random.default_rng(seed)) for seed in (1, 2))
    assert (first != second).mean() > 0.5


@pytest.mark.parametrize("side_px", [64, 360, 400])
def test_a_cell_has_the_side_asked_for(side_px: int) -> None:
    cell = render_cell("lymphocyte", np.random.default_rng(0), side_px)
    assert cell.shape == (side_px, side_px, 3)
    assert cell.dtype == np.uint8


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(KeyError, match="smudge"):
        render_cell("smudge", np.random.default_rng(0))


def test_nuclei_have_the_sizes_of_their_classes(cells: dict[str, np.ndarray]) -> None:
    size = {key: share_dark(images) for key, images in cells.items()}
    assert size["platelet"] < size["erythroblast"] < size["lymphocyte"]
    assert size["neutrophil"] < size["ig"]
    assert size["erythroblast"] < size["monocyte"]


def test_an_erythroblast_is_darker_than_a_monocyte(cells: dict[str, np.ndarray]) -> None:
    def darkness(key: str) -> float:
        return float(np.mean([np.median(image[dark(image), 0]) for image in cells[key]]))

    assert darkness("erythroblast") < darkness("monocyte") - 15


def test_only_the_eosinophil_is_orange(cells: dict[str, np.ndarray]) -> None:
    def orange(key: str) -> float:
        red, green, blue = np.moveaxis(np.stack([middle(c) for c in cells[key]]).astype(int), -1, 0)
        return float(((red - green > 60) & (red - blue > 30)).mean())

    share = {key: orange(key) for key in KEYS}
    eosinophil = share.pop("eosinophil")
    assert eosinophil > 0.1
    assert eosinophil > 4 * max(share.values())


def test_the_slide_behind_is_light(cells: dict[str, np.ndarray]) -> None:
    everything = np.concatenate(list(cells.values()))
    light = np.percentile(everything.reshape(len(everything), -1, 3), 90, axis=1)
    assert light.min() > 185


def test_classes_can_be_learnt_from_thumbnails() -> None:
    def thumbnails(seed: int, count: int) -> tuple[np.ndarray, list[str]]:
        x, y = [], []
        for n, key in enumerate(KEYS):
            for i in range(count):
                cell = middle(render_cell(key, np.random.default_rng([seed, n, i])))
                small = np.asarray(Image.fromarray(cell).resize((16, 16))) / 255.0
                pixels = np.sort(small.reshape(-1, 3), axis=0)  # how much of each colour, not where
                x.append(pixels.ravel())
                y.append(key)
        return np.stack(x), y

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    model.fit(*thumbnails(0, 12))
    assert model.score(*thumbnails(1, 5)) > 0.6  # chance is 0.125


def inside(box: Box, mask: np.ndarray) -> np.ndarray:
    return mask[box.top : box.top + box.height, box.left : box.left + box.width]


@pytest.mark.parametrize("seed", range(3))
def test_boxes_hold_all_that_is_dark_and_no_more(seed: int) -> None:
    keys = ["neutrophil", "lymphocyte", "monocyte", "platelet", "platelet"]
    field, boxes = render_field(np.random.default_rng(seed), 640, 480, keys)
    assert field.shape == (480, 640, 3)
    assert sorted(box.key for box in boxes) == sorted(keys)
    nuclei = dark(field)
    for box in boxes:
        assert 0 <= box.left < box.left + box.width <= 640
        assert 0 <= box.top < box.top + box.height <= 480
        assert inside(box, nuclei).mean() > 0.08
    held = np.zeros_like(nuclei)
    for box in boxes:
        inside(box, held)[:] = True
    assert not (nuclei & ~held).any()


def test_a_box_is_as_large_as_its_cell() -> None:
    _, boxes = render_field(np.random.default_rng(1), 640, 480, ["monocyte", "erythroblast"])
    side = {box.key: (box.width + box.height) / 2 for box in boxes}
    assert 80 < side["monocyte"] < 150
    assert 40 < side["erythroblast"] < 80


def test_a_field_may_be_without_cells() -> None:
    field, boxes = render_field(np.random.default_rng(0), 320, 240, [])
    assert boxes == []
    assert not dark(field).any()


def test_a_field_without_room_is_refused() -> None:
    with pytest.raises(DatasetError, match="Make the field larger"):
        render_field(np.random.default_rng(0), 200, 200, ["monocyte"] * 9)


def test_a_written_set_has_the_layout_of_pbc_and_says_what_it_is(tmp_path: Path) -> None:
    root = tmp_path / "state" / "synthetic"
    write_dataset(root, 3)
    assert {path.name for path in root.iterdir()} == {*KEYS, MARKER}
    assert "None shows a real cell" in (root / MARKER).read_text()
    for key in KEYS:
        assert len(list((root / key).glob("*.jpg"))) == 3
    stages = {subtype_name("ig", path.name) for path in (root / "ig").iterdir()}
    assert stages == {"Promyelocyte", "Myelocyte", "Metamyelocyte"}
    with Image.open(next((root / "basophil").iterdir())) as image:
        assert image.size == (SIDE, SIDE)
        assert b"Synthetic" in image.info["comment"]


def test_a_larger_set_begins_with_the_smaller_one(tmp_path: Path) -> None:
    write_dataset(tmp_path / "one", 1, seed=4)
    write_dataset(tmp_path / "two", 2, seed=4)
    for path in (tmp_path / "one").rglob("*.jpg"):
        twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes()


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = write.render_subtype, []

    def interrupted(*args: object) -> np.ndarray:
        calls.append(args)
        if len(calls) == 5:
            assert not (tmp_path / "set").exists()
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(write, "render_subtype", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_dataset(tmp_path / "set", 2)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(DatasetError, match="in the way"):
        write_dataset(tmp_path, 1)
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_examples_are_one_a_class_and_marked() -> None:
    examples = example_cells()
    assert [name for name, _ in examples] == [f"synthetic_{key}.png" for key in KEYS]
    for _, data in examples:
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == "PNG"
            assert "Synthetic" in image.info["Comment"]
    assert example_cells() == examples
    assert example_cells(seed=1) != examples
