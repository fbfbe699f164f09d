"""Training from the command line learns what a user's own folders add."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset.synthetic import render_cell
from tests.apps.conftest import Run

pytestmark = pytest.mark.slow

SHORT = ("--epochs", "1", "--side", "32", "--batch-size", "16")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Forty drawn cells of two classes, and eight of another laboratory that calls some blasts."""
    for folder, drawn, count in (
        ("home/neutrophil", "neutrophil", 20),
        ("home/lymphocyte", "lymphocyte", 20),
        ("north/blast", "monocyte", 4),
        ("north/neutrophil", "neutrophil", 4),
    ):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(count):
            pixels = render_cell(drawn, np.random.default_rng([len(folder), number]))
            Image.fromarray(pixels).save(tmp_path / folder / f"{number}.png")
    return tmp_path / "home"


def test_kinds_outside_the_classes_become_outputs(cli: Run, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    words = ("--data", home, "--out", "own", "--arch", "efficientnet_lite0", *SHORT)
    done = cli("train", *words, "--framed", "--further", home.parent / "north", "--json", out)
    assert done.returncode == 0, done.stderr
    card = json.loads(out.read_text())
    assert (card["classes"], card["outside"]) == (["lymphocyte", "neutrophil"], ["blast"])
    assert card["view"]["locator"] == "cells-1"
    assert card["data"]["further"][0]["images"] == 8
    assert card["refer_above"] is not None


def test_a_bundle_to_start_from_that_is_not_there_is_named(cli: Run, home: Path) -> None:
    done = cli("train", "--data", home, "--out", "own", "--start", "huge", *SHORT)
    assert done.returncode == 2
    assert "No model named 'huge'" in done.stderr
    assert "Traceback" not in done.stderr
