"""Models on the command line: listed, put into use, back again; predict follows."""

import json
import shutil
from pathlib import Path

import pytest

from apps.api import example
from core.vision.bundle import load_bundle, write_card
from tests.apps.conftest import Run


@pytest.fixture
def other(tmp_path: Path, models_dir: Path) -> Path:
    """The folder of a second bundle, "other"."""
    folder = tmp_path / "state" / "models" / "other"
    shutil.copytree(models_dir / "tiny", folder)
    write_card(folder, load_bundle(folder).card.model_copy(update={"name": "other"}))
    return folder


def answering(cli: Run, tmp_path: Path) -> list[str]:
    assert cli("models", "list", "--json", tmp_path / "list.json").returncode == 0
    return [
        one["name"] for one in json.loads((tmp_path / "list.json").read_text()) if one["answers"]
    ]


def test_what_is_put_into_use_answers_and_the_way_back(
    cli: Run, tmp_path: Path, other: Path
) -> None:
    assert answering(cli, tmp_path) == ["tiny"]
    assert cli("models", "back").returncode == 2
    assert cli("models", "use", "other").returncode == 0
    assert answering(cli, tmp_path) == ["other"]
    (tmp_path / "cell.jpg").write_bytes(example.JPEG)
    cli("predict", tmp_path / "cell.jpg", "--json", tmp_path / "out.json")
    (line,) = json.loads((tmp_path / "out.json").read_text())
    assert line["bundle"] == "other"
    assert cli("models", "back").returncode == 0
    assert answering(cli, tmp_path) == ["tiny"]


def test_what_cannot_be_opened_is_refused(cli: Run, tmp_path: Path, other: Path) -> None:
    (other / "network.bin").write_bytes(b"broken")
    for name in ("other", "nowhere"):
        assert cli("models", "use", name).returncode == 2
    assert answering(cli, tmp_path) == ["tiny"]


def test_a_model_in_use_that_is_gone_is_told_and_nothing_answers(
    cli: Run, tmp_path: Path, other: Path
) -> None:
    cli("models", "use", "other")
    shutil.rmtree(other)
    (tmp_path / "cell.jpg").write_bytes(example.JPEG)
    assert cli("predict", tmp_path / "cell.jpg").returncode == 2
    assert "gone" in cli("models", "list").stdout
