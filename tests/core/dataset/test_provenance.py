"""What is known of a data set's origin, and what is said to be unknown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.provenance import (
    PBC,
    SYNTHETIC,
    WBCATT,
    origin_of_attributes,
    provenance,
)
from core.dataset.sources import MARKER

WriteCells = Callable[..., Path]


@pytest.fixture
def catalogue(data_root: Path, tmp_path: Path) -> Catalogue:
    """Of files that are named as PBC names them."""
    return update_catalogue(data_root, tmp_path / "cache")


def test_pbc_is_known_by_its_file_names(catalogue: Catalogue) -> None:
    assert provenance(catalogue) is PBC


def test_other_names_are_of_unknown_provenance(
    tmp_path: Path, data_root: Path, write_cells: WriteCells
) -> None:
    write_cells(data_root, "basophil", 1, "CELL", seed=500)
    known = provenance(update_catalogue(data_root, tmp_path / "cache"))
    assert known.origin.source == "folder cells"
    assert (known.origin.licence, known.origin.citation) == ("not stated", "not stated")
    assert known.limits[0].startswith("Unknown provenance")
    assert known.laboratory == "which one is not stated"


def test_drawn_cells_are_not_taken_for_pbc(catalogue: Catalogue) -> None:
    (catalogue.root / MARKER).touch()
    assert provenance(catalogue) is SYNTHETIC


def test_attributes_of_pbc_are_those_of_wbcatt() -> None:
    assert origin_of_attributes(["BNE_7323.jpg", "cells/neutrophil/SNE_1.jpg"]) == WBCATT
    assert origin_of_attributes(["BNE_7323.jpg", "mine.jpg"]) is None
    assert origin_of_attributes([]) is None
