"""The catalogue: what it notes, what it forgives, what it does not read twice."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset import catalogue as module
from core.dataset.catalogue import Catalogue, load_catalogue, update_catalogue
from core.dataset.measure import measure
from core.errors import DatasetMissingError
from core.image_files import files_in


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_folder_without_any_usable_image_is_catalogued(tmp_path: Path, kept: Path) -> None:
    (tmp_path / "images" / "holiday").mkdir(parents=True)
    (tmp_path / "images" / "holiday" / "notes.txt").write_text("no image")
    found = update_catalogue(tmp_path / "images", kept)
    assert found.images.empty
    assert list(found.problems["path"]) == ["holiday/notes.txt"]


def row(of: Catalogue, path: str) -> dict[str, object]:
    return of.table.set_index("path").loc[path].to_dict()


def test_notes_class_subtype_size_and_content(data_root: Path, kept: Path) -> None:
    found = row(update_catalogue(data_root, kept), "neutrophil/BNE_3.jpg")
    data = (data_root / "neutrophil/BNE_3.jpg").read_bytes()
    pixels = np.asarray(Image.open(data_root / "neutrophil/BNE_3.jpg"))
    assert (found["label"], found["subtype"]) == ("neutrophil", "Band neutrophil")
    assert (found["width"], found["height"], found["mode"]) == (120, 120, "RGB")
    assert found["sha256"] == hashlib.sha256(data).hexdigest()
    assert found["bytes"] == len(data)
    assert found["mean_g"] == pytest.approx(pixels[..., 1].mean(), abs=0.01)
    assert found["std_b"] == pytest.approx(pixels[..., 2].std(), abs=0.01)


def test_lists_what_is_no_image_with_the_reason(data_root: Path, kept: Path) -> None:
    (data_root / "neutrophil" / "words.jpg").write_bytes(b"words")
    (data_root / "neutrophil" / ".DS_169665.jpg").write_bytes(b"\0\0\0\1Bud1")
    (data_root / "neutrophil" / "empty.png").touch()
    problems = update_catalogue(data_root, kept).problems.set_index("path")["problem"]
    assert set(problems.index) == {"neutrophil/words.jpg", "neutrophil/empty.png"}
    assert "not an image" in problems["neutrophil/words.jpg"]
    assert "empty" in problems["neutrophil/empty.png"]


def test_a_truncated_image_is_a_problem(data_root: Path, kept: Path) -> None:
    file = data_root / "basophil" / "BA_0.jpg"
    file.write_bytes(file.read_bytes()[:900])
    found = update_catalogue(data_root, kept)
    assert found.problems["path"].tolist() == ["basophil/BA_0.jpg"]
    assert len(found.images) == 29


def test_unknown_and_empty_class_folders_are_reported(
    data_root: Path, kept: Path, write_cells: Callable[..., Path]
) -> None:
    write_cells(data_root, "holiday", 1)
    (data_root / "monocyte").mkdir()
    found = update_catalogue(data_root, kept)
    problems = found.problems.set_index("path")["problem"]
    assert "'holiday' is no known class" in problems["holiday/X_0.jpg"]
    assert "no file" in problems["monocyte"]
    assert row(found, "holiday/X_0.jpg")["label"] == "holiday"
    assert len(found.images) == 30


def test_folder_names_may_be_aliases(tmp_path: Path, write_cells: Callable[..., Path]) -> None:
    write_cells(tmp_path / "cells", "Immature Granulocyte", 1, "PMY")
    found = update_catalogue(tmp_path / "cells", tmp_path / "cache")
    assert found.images[["label", "subtype"]].values.tolist() == [["ig", "Promyelocyte"]]


def test_no_class_folder_is_an_error_that_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="one folder a class"):
        update_catalogue(tmp_path, tmp_path / "cache")


def test_reads_only_what_changed(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = update_catalogue(data_root, kept)
    read: list[str] = []
    real = module.measure
    monkeypatch.setattr(module, "measure", lambda path: (read.append(path.name), real(path))[1])

    assert update_catalogue(data_root, kept).fingerprint == first.fingerprint
    assert read == []

    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "basophil/BA_0.jpg")
    (data_root / "basophil/BA_2.jpg").unlink()
    second = update_catalogue(data_root, kept)
    assert read == ["BA_0.jpg"]
    assert len(second.images) == 29
    assert second.fingerprint != first.fingerprint
    # What was not read again is what a catalogue from nothing would hold.
    whole = update_catalogue(data_root, kept / "other")
    assert second.table.equals(whole.table)


def test_a_new_time_alone_leaves_the_fingerprint(data_root: Path, kept: Path) -> None:
    first = update_catalogue(data_root, kept)
    os.utime(data_root / "basophil/BA_0.jpg", ns=(1, 1))
    assert update_catalogue(data_root, kept).fingerprint == first.fingerprint


def test_the_fingerprint_does_not_depend_on_the_place(data_root: Path, kept: Path) -> None:
    moved = shutil.copytree(data_root, data_root.parent / "elsewhere")
    here, there = update_catalogue(data_root, kept), update_catalogue(moved, kept)
    assert here.fingerprint == there.fingerprint


def test_is_kept_and_loaded(data_root: Path, kept: Path) -> None:
    assert load_catalogue(data_root, kept) is None
    made = update_catalogue(data_root, kept)
    loaded = load_catalogue(data_root, kept)
    assert loaded is not None
    assert loaded.table.equals(made.table)
    assert loaded.fingerprint == made.fingerprint


def test_a_damaged_catalogue_is_made_anew(data_root: Path, kept: Path) -> None:
    made = update_catalogue(data_root, kept)
    next(kept.glob("*.parquet")).write_bytes(b"half a file")
    assert load_catalogue(data_root, kept) is None
    assert update_catalogue(data_root, kept).fingerprint == made.fingerprint


def test_tells_progress(data_root: Path, kept: Path) -> None:
    told: list[tuple[int, int]] = []
    update_catalogue(data_root, kept, lambda done, total: told.append((done, total)))
    assert told[-1] == (30, 30)


def test_an_interrupted_update_goes_on_with_what_was_not_read(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_but_one(path: Path) -> dict[str, object]:
        if path.name == "BA_3.jpg":
            raise InterruptedError
        return real(path)

    real = module.measure
    monkeypatch.setattr(module, "measure", all_but_one)
    with pytest.raises(InterruptedError):
        update_catalogue(data_root, kept)
    assert load_catalogue(data_root, kept) is None

    read: list[str] = []
    monkeypatch.setattr(module, "measure", lambda path: (read.append(path.name), real(path))[1])
    found = update_catalogue(data_root, kept)
    assert "BA_3.jpg" in read
    assert len(read) < len(found.images) == 30
    assert len(list(kept.glob("*"))) == 1
    assert found.fingerprint == update_catalogue(data_root, kept.parent / "other").fingerprint


def test_images_are_compared_once(data_root: Path, kept: Path) -> None:
    told: list[tuple[int, int]] = []
    update_catalogue(data_root, kept, comparing=lambda *now: told.append(now))
    assert told[-1] == (30, 30)

    first = data_root / "basophil" / "BA_3.jpg"
    shutil.copy(first, first.with_name("BA_copy.jpg"))
    pixels = np.asarray(Image.open(first))
    Image.fromarray(pixels).save(first.with_name("BA_again.jpg"), quality=60)
    told.clear()
    found = update_catalogue(data_root, kept, comparing=lambda *now: told.append(now))
    assert told[-1] == (1, 1)  # a copy is nothing new
    assert_as_from_scratch(found, data_root, kept.parent / "anew")
    assert (found.images["group"].value_counts() == 3).sum() == 1

    first.with_name("BA_again.jpg").unlink()
    told.clear()
    found = update_catalogue(data_root, kept, comparing=lambda *now: told.append(now))
    assert not told
    assert_as_from_scratch(found, data_root, kept.parent / "once more")


def test_who_leaves_while_images_are_compared_keeps_what_was_read(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        update_catalogue(data_root, kept, comparing=leave)
    monkeypatch.setattr(module, "measure", None)
    assert len(update_catalogue(data_root, kept).images) == 30


def assert_as_from_scratch(found: Catalogue, root: Path, folder: Path) -> None:
    anew = update_catalogue(root, folder).table
    for column in ("path", "group", "view"):
        assert found.table[column].equals(anew[column])


def test_what_other_code_measured_is_measured_anew(
    data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_catalogue(data_root, tmp_path / "kept")
    monkeypatch.setattr(module, "of_code", lambda *_: "other code")
    asked: list[Path] = []
    known = module.measure
    monkeypatch.setattr(module, "measure", lambda path: asked.append(path) or known(path))
    update_catalogue(data_root, tmp_path / "kept")
    assert len(asked) == len(list(data_root.rglob("*.jpg")))
    assert len(list((tmp_path / "kept").glob("catalogue-*"))) == 1


def test_a_catalogue_of_another_taxonomy_is_made_anew(
    data_root: Path, kept: Path, change_code: Callable[[str], None]
) -> None:
    update_catalogue(data_root, kept)  # its labels, and what is no known class
    assert load_catalogue(data_root, kept)
    change_code("core.taxonomy")
    assert load_catalogue(data_root, kept) is None


def test_a_file_that_goes_before_it_is_looked_at_is_left_out(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = data_root / "basophil/BA_2.jpg"

    def listed(folder: Path) -> list[Path]:
        found = list(files_in(folder))
        gone.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(module, "files_in", listed)
    found = update_catalogue(data_root, kept)
    assert len(found.images) == 29
    assert found.problems.empty


def test_a_file_that_goes_before_it_is_read_is_a_problem(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path) -> dict[str, object]:
        path.with_name("BA_2.jpg").unlink(missing_ok=True)
        return measure(path)

    monkeypatch.setattr(module, "measure", read)
    found = update_catalogue(data_root, kept)
    assert list(found.problems["path"]) == ["basophil/BA_2.jpg"]


def test_a_file_that_grew_before_it_was_read_is_read_again(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = data_root / "basophil/BA_2.jpg"
    whole = growing.read_bytes()
    growing.write_bytes(whole[:100])

    def grown(path: Path) -> dict[str, object]:
        if path == growing:
            growing.write_bytes(whole[:1000])
        return measure(path)

    monkeypatch.setattr(module, "measure", grown)
    assert list(update_catalogue(data_root, kept).problems["path"]) == ["basophil/BA_2.jpg"]
    monkeypatch.undo()
    growing.write_bytes(whole)
    assert len(update_catalogue(data_root, kept).images) == 30
