"""Other laboratories: found by folder, kept apart by name, compared in a table."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from core.dataset.catalogue import update_catalogue
from core.dataset.splits import SPLITS
from core.errors import DatasetError
from core.evaluation.laboratories import Laboratory, evaluate_on, laboratories, side_by_side
from core.evaluation.metrics import summary
from core.vision.classifier import Classifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two laboratories, a hidden folder and a file."""
    for name, key in (("south", "monocyte"), ("north", "ig"), (".hidden", "ig")):
        (tmp_path / name / key).mkdir(parents=True)
        Image.effect_noise((64, 64), 80).convert("RGB").save(tmp_path / name / key / "a.png")
    (tmp_path / "notes.txt").write_text("no laboratory")
    return tmp_path


def test_each_folder_is_a_laboratory(folder: Path) -> None:
    assert [laboratory.name for laboratory in laboratories(folder)] == ["north", "south"]


def test_without_the_folder_there_are_none(tmp_path: Path) -> None:
    assert laboratories(tmp_path / "none") == []


def test_a_file_in_place_of_the_folder_says_what_should_be_there(tmp_path: Path) -> None:
    (tmp_path / "labs").write_text("")
    with pytest.raises(DatasetError, match="a folder a laboratory"):
        laboratories(tmp_path / "labs")


def test_no_name_takes_the_place_of_another_or_leaves_the_folder(tmp_path: Path) -> None:
    names = ["test", "../test", "a b", "a-b", "Zürich", "x" * 200]
    kept = [Laboratory(name, tmp_path).split for name in names]
    assert len(set(kept)) == len(names)
    assert not set(kept) & set(SPLITS)
    assert all(Path(name).name == name and len(name) < 100 for name in kept)


def test_a_laboratory_is_predicted_and_found_again(folder: Path, tmp_path: Path, bundle) -> None:
    north = laboratories(folder)[0]
    catalogue = update_catalogue(north.root, tmp_path / "cache")
    result = evaluate_on(north, catalogue, Classifier(bundle))
    assert (len(result), result.split) == (1, north.split)
    assert result.classes[result.truth[0]] == "ig"


def test_the_table_counts_what_the_rule_accepts_and_what_of_it_is_wrong(evaluated) -> None:
    result = evaluated([0, 0, 1, 1], [0, 1, 1, 1], sure=[0.9, 0.9, 0.6, 0.9])
    (row,) = side_by_side([("north", result, summary(result))]).to_dict("records")
    assert (row["laboratory"], row["n"], row["classes"]) == ("north", 4, 2)
    assert (row["acceptance"].coverage.count, row["acceptance"].error.count) == (3, 1)
    assert row["accuracy"].value == 0.75


def test_cells_of_no_class_are_predicted_too_and_kept_apart(
    folder: Path, tmp_path: Path, bundle
) -> None:
    shutil.copytree(folder / "north" / "ig", folder / "north" / "Myeloblast")
    shutil.copytree(folder / "north" / "ig", folder / "north" / "holiday")
    north = laboratories(folder)[0]
    catalogue = update_catalogue(north.root, tmp_path / "cache")
    result = evaluate_on(north, catalogue, Classifier(bundle))
    assert result.sample_ids == ("ig/a.png",)
    assert [(cell.path, cell.kind) for cell in result.outside_cells] == [
        ("Myeloblast/a.png", "blast")
    ]
    assert catalogue.problems["path"].tolist() == ["holiday/a.png"]


def test_a_prediction_outside_the_laboratorys_classes_counts_as_nought(
    evaluated,
) -> None:
    result = evaluated([0, 0, 1, 1], [0, 0, 1, 2])
    metrics = summary(result)
    assert metrics.macro["f1"].value == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.macro_f1_all.value == pytest.approx((1 + 2 / 3 + 0) / 3)
