"""``field`` finds the cells of whole fields, and counts them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset.synthetic import render_field
from tests.apps.conftest import Run

CELLS = ["neutrophil", "lymphocyte", "monocyte"]


@pytest.fixture
def fields(tmp_path: Path) -> Path:
    """Two drawn fields of three white cells each."""
    folder = tmp_path / "fields"
    folder.mkdir()
    for number in range(2):
        pixels, _ = render_field(np.random.default_rng(number), 900, 700, CELLS)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def test_fields_are_read_and_what_is_none_says_why(cli: Run, fields: Path, tmp_path: Path) -> None:
    (fields / "notes.png").write_text("no image")
    out = tmp_path / "cells.json"

    done = cli("field", fields, "--json", out, "--differential")

    assert done.returncode == 0, done.stderr
    first, second, notes = json.loads(out.read_text())
    assert notes.keys() == {"path", "error"}
    for told in (first, second):
        assert (told["width"], told["height"]) == (900, 700)
        white = [cell for cell in told["cells"] if cell["kind"] == "wbc"]
        assert len(white) == len(CELLS)
        assert all({"label", "confidence", "status"} < cell.keys() for cell in white)
        assert {cell["kind"] for cell in told["cells"]} >= {"wbc", "rbc"}
    assert "Neutrophil" in done.stdout


def test_one_field_is_written_for_qupath(cli: Run, fields: Path, tmp_path: Path) -> None:
    out = tmp_path / "cells.geojson"
    assert cli("field", fields / "0.png", "--geojson", out).returncode == 0
    assert json.loads(out.read_text())["type"] == "FeatureCollection"
    refused = cli("field", fields, "--geojson", tmp_path / "both.geojson")
    assert refused.returncode == 2
    assert not (tmp_path / "both.geojson").exists()


def test_without_an_image_it_ends_with_code_2(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cli("field", tmp_path / "empty").returncode == 2
