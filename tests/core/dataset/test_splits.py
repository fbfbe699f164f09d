"""Splits: shares, groups, and the same everywhere."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.dataset.catalogue import Catalogue, fingerprint, update_catalogue
from core.dataset.splits import SPLITS, saved_split, split


def made_up(count: int, group_of: int = 1) -> Catalogue:
    """A catalogue of so many images of each of two subtypes and one more class."""
    kinds = [("neutrophil", "Band neutrophil"), ("neutrophil", "Segmented neutrophil")]
    kinds.append(("basophil", None))
    rows = [
        {
            "path": f"{label}/{subtype}_{n}.jpg",
            "label": label,
            "subtype": subtype,
            "sha256": f"{label}{subtype}{n}",
            "group": f"{label}{subtype}{n // group_of}",
            "problem": None,
        }
        for label, subtype in kinds
        for n in range(count)
    ]
    table = pd.DataFrame(rows).assign(view=lambda t: t["group"])
    return Catalogue(Path("nowhere"), table, fingerprint(table))


def test_70_10_20_in_each_class_and_subtype() -> None:
    catalogue = made_up(100)
    images = catalogue.images.assign(split=catalogue.images["path"].map(split(catalogue)))
    counts = images.groupby([images["label"], images["subtype"].fillna("")])["split"]
    for _, shares in counts:
        assert shares.value_counts()[list(SPLITS)].tolist() == [70, 10, 20]


def test_every_image_has_exactly_one_split() -> None:
    catalogue = made_up(37)
    names = split(catalogue)
    assert sorted(names.index) == sorted(catalogue.images["path"])
    assert set(names) == set(SPLITS)


def test_three_cells_of_a_class_reach_all_splits() -> None:
    assert split(made_up(3))[lambda s: s.index.str.startswith("basophil")].nunique() == 3


def test_groups_are_never_apart() -> None:
    catalogue = made_up(60, group_of=3)
    together = catalogue.images.assign(split=catalogue.images["path"].map(split(catalogue)))
    assert (together.groupby("group")["split"].nunique() == 1).all()


def test_overlapping_views_dealt_apart_are_for_training() -> None:
    catalogue = made_up(50)
    before = split(catalogue)
    test, train = before.index[before == "test"][0], before.index[before == "train"][0]
    neighbours = catalogue.table["path"].isin([test, train])
    catalogue.table.loc[neighbours, "view"] = "one field"
    after = split(Catalogue(Path("nowhere"), catalogue.table, catalogue.fingerprint))
    assert after[[test, train]].tolist() == ["train", "train"]
    assert (after == before).sum() == len(before) - 1


def test_row_order_plays_no_part_and_the_seed_does() -> None:
    catalogue = made_up(50)
    shuffled = catalogue.table.sample(frac=1, random_state=1, ignore_index=True)
    other = Catalogue(Path("elsewhere"), shuffled, catalogue.fingerprint)
    assert split(other).equals(split(catalogue))
    assert not split(catalogue, seed=1).equals(split(catalogue))


def test_duplicates_on_disk_stay_together(data_root: Path, tmp_path: Path) -> None:
    for n in range(10):  # the same cells under another label, too
        shutil.copy(data_root / f"basophil/BA_{n}.jpg", data_root / f"neutrophil/COPY_{n}.jpg")
    names = split(update_catalogue(data_root, tmp_path / "cache"))
    for n in range(10):
        assert names[f"basophil/BA_{n}.jpg"] == names[f"neutrophil/COPY_{n}.jpg"]


@pytest.mark.parametrize("module", ["splits", "groups", "duplicates"])
def test_a_saved_split_is_not_that_of_other_code(
    module: str, change_code: Callable[[str], None], tmp_path: Path
) -> None:
    catalogue = made_up(20)
    made = saved_split(catalogue, tmp_path)
    (file,) = tmp_path.glob("split-*.csv")
    made.replace("validation", "train").to_csv(file)  # as other code would have dealt
    assert not saved_split(catalogue, tmp_path).equals(made)
    change_code(f"core.dataset.{module}")
    assert saved_split(catalogue, tmp_path).equals(made)


def test_is_saved_under_its_fingerprint_and_mended_when_damaged(
    data_root: Path, tmp_path: Path
) -> None:
    catalogue = update_catalogue(data_root, tmp_path / "cache")
    made = saved_split(catalogue, tmp_path)
    (file,) = tmp_path.glob(f"split-{catalogue.fingerprint}-seed0-*.csv")
    assert saved_split(catalogue, tmp_path).equals(made)
    file.write_text("path,split\nnowhere.jpg,train\n")
    assert saved_split(catalogue, tmp_path).equals(made)
