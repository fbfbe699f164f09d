"""Small data sets on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.dataset.drawn import cell_pixels, jpeg


@pytest.fixture
def write_cells() -> Callable[..., Path]:
    """Writes ``count`` images named ``<prefix>_<n>.jpg`` into ``root / label``."""

    def write(root: Path, label: str, count: int, prefix: str = "X", seed: int = 0) -> Path:
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        for n in range(count):
            (folder / f"{prefix}_{n}.jpg").write_bytes(jpeg(cell_pixels(seed + n)))
        return folder

    return write


@pytest.fixture
def data_root(tmp_path: Path, write_cells: Callable[..., Path]) -> Path:
    """Twenty neutrophils of two subtypes and ten basophils."""
    root = tmp_path / "cells"
    write_cells(root, "neutrophil", 10, "BNE", seed=0)
    write_cells(root, "neutrophil", 10, "SNE", seed=100)
    write_cells(root, "basophil", 10, "BA", seed=200)
    return root
