"""The five sources, in their order, each with its message; no test goes on the network."""

from collections.abc import Callable
from pathlib import Path

import kagglehub
import pytest
import requests
from kagglehub.exceptions import DataCorruptionError, KaggleApiHTTPError

from core.dataset import sources
from core.dataset.sources import MARKER, locate
from core.errors import DatasetError, DatasetMissingError
from core.settings import Settings

WriteCells = Callable[..., Path]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Empty state, an empty Kaggle cache, a stand-in for the renderer of synthetic cells."""
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))
    monkeypatch.setattr(kagglehub, "dataset_download", lambda _: pytest.fail("asked Kaggle"))
    monkeypatch.setattr(sources, "_draw", fake_synthetic)
    return Settings(state_dir=tmp_path / "state", data_dir=None, download=True)


def fake_synthetic(root: Path) -> None:
    (root / "neutrophil").mkdir(parents=True)
    (root / MARKER).touch()


def in_kaggle_cache(tmp_path: Path, write_cells: WriteCells) -> Path:
    versions = tmp_path / "kaggle/datasets/unclesamulus/blood-cells-image-dataset/versions"
    write_cells(versions / "1" / "bloodcells_dataset", "platelet", 1)
    (versions.parent / "1.complete").touch()
    return versions / "1" / "bloodcells_dataset"


def test_the_set_folder_comes_first(
    config: Settings, tmp_path: Path, write_cells: WriteCells
) -> None:
    write_cells(config.state_dir / "bloodcells_dataset", "platelet", 1)
    write_cells(tmp_path / "mine" / "nested", "platelet", 1)
    found = locate(config.model_copy(update={"data_dir": tmp_path / "mine"}))
    assert found.root == tmp_path / "mine" / "nested"
    assert "BLOODCELLS_DATA_DIR" in found.message
    assert not found.synthetic


def test_a_set_folder_without_classes_is_an_error(config: Settings, tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="BLOODCELLS_DATA_DIR"):
        locate(config.model_copy(update={"data_dir": tmp_path}))


def test_then_the_data_folder(config: Settings, tmp_path: Path, write_cells: WriteCells) -> None:
    in_kaggle_cache(tmp_path, write_cells)
    write_cells(config.state_dir / "bloodcells_dataset", "platelet", 1)
    assert locate(config, download=True).origin == "Data folder"


def test_then_kaggles_cache_without_the_network(
    config: Settings, tmp_path: Path, write_cells: WriteCells
) -> None:
    root = in_kaggle_cache(tmp_path, write_cells)
    found = locate(config, download=True)
    assert (found.root, found.origin) == (root, "Kaggle")


def test_an_unfinished_kaggle_download_does_not_count(
    config: Settings, tmp_path: Path, write_cells: WriteCells
) -> None:
    in_kaggle_cache(tmp_path, write_cells)
    next((tmp_path / "kaggle").rglob("1.complete")).unlink()
    assert locate(config).synthetic


def test_then_a_download_of_the_pinned_version(
    config: Settings, tmp_path: Path, write_cells: WriteCells, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def download(handle: str) -> str:
        asked.append(handle)
        write_cells(tmp_path / "got" / "bloodcells_dataset", "platelet", 1)
        return str(tmp_path / "got")

    monkeypatch.setattr(kagglehub, "dataset_download", download)
    told: list[str] = []
    found = locate(config, told.append, download=True)
    assert asked == ["unclesamulus/blood-cells-image-dataset/versions/1"]
    assert found.root == tmp_path / "got" / "bloodcells_dataset"
    assert "Downloading" in told[0]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectionError("no route"), "Check the network"),
        (requests.exceptions.SSLError("self-signed certificate"), "REQUESTS_CA_BUNDLE"),
        (requests.ReadTimeout("slow"), "Check the network"),
        (KaggleApiHTTPError("403 Client Error"), "refused"),
        (DataCorruptionError("md5"), "md5"),
        (ValueError("bad handle"), "bad handle"),
        (OSError(28, "No space left on device"), "No space left"),
    ],
)
def test_a_failed_download_says_why_and_falls_back(
    config: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(_: str) -> str:
        raise error

    monkeypatch.setattr(kagglehub, "dataset_download", fail)
    told: list[str] = []
    found = locate(config, told.append, download=True)
    assert found.synthetic
    assert words in found.message
    assert any(words in sentence for sentence in told)


def test_downloads_can_be_forbidden(config: Settings) -> None:
    forbidden = config.model_copy(update={"download": False})
    with pytest.raises(DatasetError, match="BLOODCELLS_DOWNLOAD"):
        sources.fetch(forbidden)
    assert locate(forbidden, download=True).synthetic


def test_the_synthetic_set_is_drawn_once(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = locate(config)
    assert first.synthetic
    assert first.origin == "Synthetic"
    monkeypatch.setattr(sources, "_draw", lambda _: pytest.fail("drawn twice"))
    assert locate(config).root == first.root


def test_an_interrupted_drawing_leaves_nothing_behind(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(root: Path) -> None:
        (root / "neutrophil").mkdir()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources, "_draw", fail)
    with pytest.raises(DatasetError, match="No space left"):
        locate(config)
    assert list(config.state_dir.iterdir()) == []


def test_a_synthetic_folder_is_known_by_its_marker(config: Settings, tmp_path: Path) -> None:
    fake_synthetic(tmp_path / "drawn")
    assert locate(config.model_copy(update={"data_dir": tmp_path / "drawn"})).synthetic
