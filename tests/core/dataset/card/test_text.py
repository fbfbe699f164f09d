"""The card of a data set says what its files say, and what nobody knows."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.dataset.attributes import read_attributes
from core.dataset.card.text import data_set_card
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.provenance import PBC, WBCATT
from core.dataset.sources import MARKER, named_folder
from core.dataset.splits import SPLITS, split
from core.morphology import ATTRIBUTES
from core.taxonomy import RESEARCH_USE

MakeCard = Callable[..., str]
WriteCells = Callable[..., Path]


@pytest.fixture
def catalogue_of(tmp_path: Path) -> Callable[[Path], Catalogue]:
    return lambda root: update_catalogue(root, tmp_path / "cache")


@pytest.fixture
def card_of(catalogue_of: Callable[[Path], Catalogue]) -> MakeCard:
    """The card of a folder."""

    def make(root: Path, attributes: pd.DataFrame | None = None) -> str:
        catalogue = catalogue_of(root)
        return data_set_card(catalogue, named_folder(root), split(catalogue), attributes)

    return make


def row(text: str, *cells: str) -> list[str]:
    """The rest of the one table row that begins with these cells."""
    begin = f"| {' | '.join(cells)} | "
    (line,) = [line for line in text.splitlines() if line.startswith(begin)]
    return line.removeprefix(begin).removesuffix(" |").split(" | ")


def test_origin_use_and_limits_stand_on_it(
    data_root: Path, card_of: MakeCard, catalogue_of: Callable[[Path], Catalogue]
) -> None:
    text = card_of(data_root)
    assert text.startswith(f"# Data set: PBC\n\n{RESEARCH_USE}\n")
    for said in vars(PBC.origin).values():
        assert said in text
    assert PBC.use in text and PBC.made in text
    assert all(f"- {limit}" in text for limit in PBC.limits)
    assert f"`{catalogue_of(data_root).fingerprint}`" in text
    assert "30 images of 2 classes" in text
    assert "Only a part is here: 30 of the whole set's 17,092 images." in text
    assert "No images of these classes: eosinophil, erythroblast," in text


def test_it_does_not_say_where_its_maker_keeps_images(data_root: Path, card_of: MakeCard) -> None:
    assert str(data_root.parent) not in card_of(data_root)
    assert "**Found in:** `cells` (named folder)." in card_of(data_root)


def test_classes_subtypes_and_splits_are_counted(
    data_root: Path, card_of: MakeCard, catalogue_of: Callable[[Path], Catalogue]
) -> None:
    text = card_of(data_root)
    names = split(catalogue_of(data_root))
    of_basophils = names[names.index.str.startswith("basophil")].value_counts()
    assert row(text, "Basophil", "10") == ["33.3%", *(str(of_basophils[s]) for s in SPLITS)]
    assert row(text, "All") == ["30", "100.0%", *(str((names == s).sum()) for s in SPLITS)]
    assert row(text, "Neutrophil", "Band neutrophil")[:2] == ["10", "50.0%"]


def test_images_without_a_subtype_among_others_are_counted(
    data_root: Path, card_of: MakeCard, write_cells: WriteCells
) -> None:
    write_cells(data_root, "neutrophil", 5, "N", seed=300)
    assert row(card_of(data_root), "Neutrophil", "not given")[:2] == ["5", "20.0%"]


def test_colour_and_sharpness_are_median_and_quartiles(
    data_root: Path, card_of: MakeCard, catalogue_of: Callable[[Path], Catalogue]
) -> None:
    images = catalogue_of(data_root).images
    own = images[images["label"] == "basophil"]
    (line,) = [
        s for s in card_of(data_root).splitlines() if s.startswith("| Basophil") and "(" in s
    ]
    cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
    red, sharpness = own["mean_r"].quantile([0.25, 0.75]), own["sharpness"]
    assert cells[1] == f"{own['mean_r'].median():.0f} ({red[0.25]:.0f} to {red[0.75]:.0f})"
    assert cells[4].startswith(f"{sharpness.median():.1f} ({sharpness.quantile(0.25):.1f} to ")
    assert row(card_of(data_root), "120 × 120", "RGB") == ["30"]


def test_many_sizes_are_summed_up(
    data_root: Path, catalogue_of: Callable[[Path], Catalogue]
) -> None:
    catalogue = catalogue_of(data_root)
    catalogue.images["width"] = range(100, 130)
    text = data_set_card(catalogue, named_folder(data_root), split(catalogue))
    assert "Width 100 to 129 px, height 120 to 120 px" in text
    assert row(text, "22 others") == ["", "22"]


def test_cells_shown_more_than_once_are_told(data_root: Path, card_of: MakeCard) -> None:
    shutil.copy(data_root / "basophil/BA_0.jpg", data_root / "basophil/BA_90.jpg")
    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "neutrophil/BNE_91.jpg")
    text = card_of(data_root)
    assert row(text, "Identical files", "the same file, byte by byte") == ["1", "2"]
    assert row(text, "Contrary labels", "the same cell under two classes") == ["1", "2"]
    assert "- `basophil/BA_1.jpg`, `neutrophil/BNE_91.jpg`" in text
    assert "- 1 cell stands under two classes" in text


def test_no_two_images_alike_is_said(data_root: Path, card_of: MakeCard) -> None:
    assert "no two images are of the same cell" in card_of(data_root)


def test_files_that_are_not_used_stand_with_their_reason(
    data_root: Path, card_of: MakeCard
) -> None:
    assert "None: every file is an image" in card_of(data_root)
    for number in range(7):
        (data_root / "basophil" / f"bad|`{number}<b>.jpg").write_text("no image")
    text = card_of(data_root)
    (line,) = [s for s in text.splitlines() if s.startswith("| This file is not an image")]
    assert "| 7 | `` basophil/bad\\|`0<b>.jpg ``, " in line
    assert line.endswith(" and 2 more |")
    assert "7 of the files cannot be used" in text


def test_reasons_without_end_are_cut(
    data_root: Path, catalogue_of: Callable[[Path], Catalogue]
) -> None:
    catalogue = catalogue_of(data_root)
    catalogue.problems[["path", "problem"]] = [[f"{n}.jpg", f"reason {n}"] for n in range(25)]
    text = data_set_card(catalogue, named_folder(data_root), split(catalogue))
    assert "And 5 more." in text


def test_rare_classes_are_named(
    data_root: Path, card_of: MakeCard, write_cells: WriteCells
) -> None:
    write_cells(data_root, "monocyte", 2, "MO", seed=400)
    assert "of the median class: monocyte." in card_of(data_root)


def test_drawn_cells_are_called_so(data_root: Path, card_of: MakeCard) -> None:
    (data_root / MARKER).touch()
    text = card_of(data_root)
    assert text.startswith("# Data set: Synthetic cells")
    assert "Synthetic images, no real blood" in text and PBC.origin.citation not in text


def test_unknown_provenance_is_said_plainly(
    tmp_path: Path, card_of: MakeCard, write_cells: WriteCells
) -> None:
    write_cells(tmp_path / "a`b*c", "monocyte", 3)
    text = card_of(tmp_path / "a`b*c")
    assert text.startswith("# Data set: `` a`b*c ``\n")
    assert "**Source:** folder a\\`b\\*c." in text
    assert "**Licence:** not stated." in text and "Unknown provenance" in text


def test_a_folder_without_a_usable_image_has_a_card(tmp_path: Path, card_of: MakeCard) -> None:
    (tmp_path / "cells/basophil").mkdir(parents=True)
    (tmp_path / "cells/basophil/a.jpg").write_text("no image")
    text = card_of(tmp_path / "cells")
    assert "0 images of 0 classes" in text and "`basophil/a.jpg`" in text


@pytest.fixture
def attributes(tmp_path: Path) -> pd.DataFrame:
    """Of four band neutrophils: three have the first value of everything, one the last."""
    keys = [one.key for one in ATTRIBUTES]
    words = [list(one.words) for one in ATTRIBUTES]
    lines = [",".join(["img_name", *keys])]
    for number in range(4):
        values = [values[-1 if number == 3 else 0] for values in words]
        lines.append(",".join([f"BNE_{number}.jpg", *values]))
    (tmp_path / "attributes.csv").write_text("\n".join(lines))
    return read_attributes([tmp_path / "attributes.csv"])


def test_attributes_are_counted_by_value_where_they_are_given(
    data_root: Path, card_of: MakeCard, attributes: pd.DataFrame
) -> None:
    assert "Morphological attributes" not in card_of(data_root)
    text = card_of(data_root, attributes)
    assert "4 of the 30 cells have them: neutrophil 4." in text
    assert row(text, "Cell size", "large") == ["3", "75.0%"]
    assert row(text, "Granularity", "none") == ["3", "75.0%"]
    assert row(text, "Granule type", "round") == ["0", "0.0%"]
    for said in vars(WBCATT).values():
        assert said in text


def test_attributes_of_other_images_are_not_counted(
    data_root: Path, card_of: MakeCard, attributes: pd.DataFrame
) -> None:
    other = attributes.rename(index=lambda name: f"other_{name}")
    assert "None of these images has attributes" in card_of(data_root, other)


def test_attributes_of_nobody_known_are_called_so(
    tmp_path: Path, card_of: MakeCard, write_cells: WriteCells, attributes: pd.DataFrame
) -> None:
    write_cells(tmp_path / "ward", "neutrophil", 4, "CELL")
    own = attributes.rename(index=lambda name: name.replace("BNE", "CELL"))
    text = card_of(tmp_path / "ward", own)
    assert "Source, licence and citation are not stated." in text
    assert WBCATT.source not in text
