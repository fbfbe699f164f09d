import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.dataset.catalogue import update_catalogue
from core.dataset.folders import labelled_folder, read_cell_file, read_cell_files
from core.errors import DatasetError, DatasetMissingError
from tests.core.analysis.images import cell, encoded


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_subset_of_classes_with_subtypes(tmp_path):
    for name in ("neutrophil/BNE_1.jpg", "neutrophil/x.PNG", "ig/deep/MY_2.jpg", "ig/notes.txt"):
        touch(tmp_path / name)
    rows = labelled_folder(tmp_path).sort_values("path").fillna("").values.tolist()
    assert rows == [
        ["ig/deep/MY_2.jpg", "ig", "Myelocyte"],
        ["neutrophil/BNE_1.jpg", "neutrophil", "Band neutrophil"],
        ["neutrophil/x.PNG", "neutrophil", ""],
    ]


def test_aliases_of_a_class_are_that_class(tmp_path):
    touch(tmp_path / "Immature granulocyte" / "a.jpg")
    touch(tmp_path / "NEUTROPHIL" / "b.jpg")
    assert sorted(labelled_folder(tmp_path)["label"]) == ["ig", "neutrophil"]


def test_unknown_folder_is_an_error_that_lists_the_classes(tmp_path):
    touch(tmp_path / "blast" / "a.jpg")
    touch(tmp_path / "ig" / "b.jpg")
    with pytest.raises(DatasetError, match=r"blast.*basophil, eosinophil"):
        labelled_folder(tmp_path)


def test_folders_without_images_and_hidden_ones_do_not_matter(tmp_path):
    touch(tmp_path / "docs" / "readme.txt")
    touch(tmp_path / ".cache" / "a.jpg")
    touch(tmp_path / "ig" / "b.jpg")
    assert len(labelled_folder(tmp_path)) == 1


@pytest.mark.parametrize("name", ["", "absent"])
def test_nothing_there_is_an_error(tmp_path, name):
    with pytest.raises(DatasetMissingError):
        labelled_folder(tmp_path / name)


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "neutrophil" / "1.jpg"
    broken.parent.mkdir()
    broken.write_bytes(b"no image")
    for file in (broken, broken.with_name("gone.jpg")):
        with pytest.raises(DatasetError) as refused:
            read_cell_file(file)
        assert str(file) in str(refused.value)


def test_litter_and_links_are_as_everywhere(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere" / "a.jpg")
    touch(tmp_path / "cells" / "ig" / "@eaDir" / "a.jpg")
    touch(tmp_path / "cells" / "@eaDir" / "a.jpg")
    (tmp_path / "cells" / "ig" / "batch").symlink_to(tmp_path / "elsewhere")
    assert labelled_folder(tmp_path / "cells")["path"].tolist() == ["ig/batch/a.jpg"]


def test_splits_above_the_classes_are_named(tmp_path: Path) -> None:
    for part in ("TRAIN", "TEST"):
        touch(tmp_path / part / "ig" / "a.jpg")
    with pytest.raises(DatasetError, match="TEST, TRAIN"):
        labelled_folder(tmp_path)
    assert len(labelled_folder(tmp_path / "TRAIN")) == 1


def test_one_damaged_file_leaves_the_others(tmp_path: Path) -> None:
    touch(tmp_path / "ig" / "bad.png")
    (tmp_path / "ig" / "good.png").write_bytes(encoded(cell()))
    images, unreadable = read_cell_files(tmp_path, ["ig/bad.png", "ig/good.png"])
    assert (list(images), list(unreadable)) == (["ig/good.png"], ["ig/bad.png"])
    assert str(tmp_path / "ig" / "bad.png") in unreadable["ig/bad.png"]


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = tmp_path / "neutrophil" / "shut"
    touch(shut / "a.png")
    look_into = os.scandir

    def scandir(path: str | Path) -> Iterator[os.DirEntry[str]]:
        if Path(path) == shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look_into(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(DatasetError, match="shut"):
        labelled_folder(tmp_path)
    with pytest.raises(DatasetError, match="shut"):
        update_catalogue(tmp_path, tmp_path / "kept")
