"""Which folder holds the class folders."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.dataset.roots import class_root
from core.errors import DatasetError

WriteCells = Callable[..., Path]


def test_class_root_looks_two_folders_deep(tmp_path: Path, write_cells: WriteCells) -> None:
    write_cells(tmp_path / "a" / "b", "basophil", 1)
    assert class_root(tmp_path) == tmp_path / "a" / "b"
    assert class_root(tmp_path / "missing") is None


def test_several_folders_of_class_folders_are_refused_by_name(
    tmp_path: Path, write_cells: WriteCells
) -> None:
    for part in ("TRAIN", "TEST"):
        write_cells(tmp_path / part, "basophil", 1)
    with pytest.raises(DatasetError, match="TEST, TRAIN"):
        class_root(tmp_path)
