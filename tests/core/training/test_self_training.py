"""Of cells that nobody labelled, those count that the starting bundle is sure of."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset.synthetic import render_cell
from core.errors import DatasetError
from core.training import self_training
from core.training.config import UnlabelledFields
from core.training.self_training import sure_cells
from core.vision.bundle import Bundle
from core.vision.classifier import Scores
from core.vision.preparation import Preparation
from tests.factories import make_bundle

SIDE = 360


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty pictures with a boxed white cell and a boxed red one, and one of another side."""
    root = tmp_path_factory.mktemp("fields")
    for folder in ("images/train", "labels/train"):
        (root / folder).mkdir(parents=True)
    for number in range(61):
        side = SIDE if number else 200
        pixels = render_cell("monocyte", np.random.default_rng(number), side)
        Image.fromarray(pixels).save(root / f"images/train/{number}.png")
        boxes = "0 0.5 0.5 0.4 0.3\n1 0.1 0.1 0.1 0.1\n"
        (root / f"labels/train/{number}.txt").write_text(boxes)
    return root


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path, classes=("lymphocyte", "monocyte"))


class SureOfEveryThird:
    """Answers monocyte, and every third time as a coin would."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def probabilities(self, pictures: list[Image.Image], profile: object) -> np.ndarray:
        return self.scores(pictures, profile).classes

    def scores(self, pictures: list[Image.Image], profile: object) -> Scores:
        sure = np.arange(len(pictures)) % 3 > 0
        classes = np.where(sure[:, None], [0.02, 0.98], [0.5, 0.5])
        return Scores(classes, classes.argmax(axis=1), np.zeros((len(pictures), 0)))


def test_only_sure_cells_of_the_right_pictures_are_taken(
    fields: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_training, "Classifier", SureOfEveryThird)
    asked = UnlabelledFields(str(fields), side_px=SIDE)
    images, labels, names = sure_cells(asked, bundle, Preparation(64))
    assert images.shape == (40, 64, 64, 3)
    assert set(labels) == {"monocyte"}
    assert "0.png" not in names
    assert len(set(names)) == 40


def test_a_cell_is_cut_with_what_lies_around_it(fields: Path) -> None:
    (cell,) = self_training._cut(fields / "images/train/1.png", SIDE)
    assert cell.size == (round(1.9 * 0.4 * SIDE),) * 2


def test_fields_without_boxed_cells_are_refused(tmp_path: Path, bundle: Bundle) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(DatasetError, match="YOLO"):
        sure_cells(UnlabelledFields(str(tmp_path), side_px=SIDE), bundle, Preparation(64))
