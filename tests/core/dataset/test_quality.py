"""What deserves a second look is found, and in the right order."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from core.dataset import quality
from core.dataset.catalogue import update_catalogue


def measured(count: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    labels = ["basophil", "monocyte"] * (count // 2)
    light = np.where(np.array(labels) == "basophil", 120.0, 200.0)
    table = pd.DataFrame({"path": [f"{n}.jpg" for n in range(count)], "label": labels})
    for column in ("mean_r", "mean_g", "mean_b"):
        table[column] = light + rng.normal(0, 2, count)
    return table.assign(sharpness=rng.normal(20, 1, count))


def test_outliers_are_measured_against_their_own_class() -> None:
    table = measured()
    table.loc[4, ["mean_r", "mean_g", "mean_b"]] = 200.0  # usual for a monocyte, not for this
    found = quality.outliers(table, "Brightness", 5)
    assert found["path"][0] == "4.jpg"
    assert found["score"][0] > 10
    assert len(found) == 5
    assert found["score"].abs().is_monotonic_decreasing


def test_each_feature_finds_its_own_fault() -> None:
    table = measured()
    table.loc[7, "sharpness"] = 2.0
    table.loc[9, "mean_r"] += 60
    assert quality.outliers(table, "Sharpness", 1)["path"].tolist() == ["7.jpg"]
    assert quality.outliers(table, "Sharpness", 1)["score"][0] < 0
    assert quality.outliers(table, "Colour cast", 1)["path"].tolist() == ["9.jpg"]


def test_a_class_of_equal_images_has_no_infinite_scores() -> None:
    table = measured().assign(sharpness=20.0)
    assert (quality.outliers(table, "Sharpness", 50)["score"] == 0).all()


def test_duplicates_tell_identical_files_and_contrary_labels(
    data_root: Path, tmp_path: Path
) -> None:
    shutil.copy(data_root / "basophil/BA_0.jpg", data_root / "basophil/BA_0_again.jpg")
    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "neutrophil/BA_1.jpg")
    found = quality.duplicates(update_catalogue(data_root, tmp_path / "cache").images)
    assert found["path"].tolist() == [
        "basophil/BA_1.jpg",
        "neutrophil/BA_1.jpg",
        "basophil/BA_0.jpg",
        "basophil/BA_0_again.jpg",
    ]
    kinds = ["Contrary labels"] * 2 + ["Identical files"] * 2
    assert found["kind"].tolist() == kinds


def test_second_shots_and_overlapping_views_are_told_apart() -> None:
    found = quality.duplicates(
        pd.DataFrame(
            [
                ("a", "basophil", "1", "1", "1"),
                ("b", "basophil", "2", "1", "1"),
                ("c", "basophil", "3", "3", "3"),
                ("d", "monocyte", "4", "4", "3"),  # another cell, so no contrary label
                ("e", "monocyte", "5", "5", "5"),
            ],
            columns=["path", "label", "sha256", "group", "view"],
        )
    )
    assert found["path"].tolist() == ["c", "d", "a", "b"]
    assert found["kind"].tolist() == ["Overlapping views"] * 2 + ["Second shot"] * 2


def test_no_duplicates_is_an_empty_table(data_root: Path, tmp_path: Path) -> None:
    assert quality.duplicates(update_catalogue(data_root, tmp_path / "cache").images).empty


def test_rare_classes() -> None:
    table = pd.DataFrame({"label": ["ig"] * 100 + ["platelet"] * 90 + ["basophil"] * 10})
    assert quality.rare_classes(table) == ["basophil"]
