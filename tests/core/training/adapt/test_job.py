"""Adapting as a process of its own: it tells where it stands, and leaves no pictures behind."""

import json
from pathlib import Path

import pytest

from core.errors import InvalidConfigError, TrainingError
from core.settings import Settings
from core.training.adapt import job as adaptation
from core.training.adapt.job import CUT_SHORT, Job, read, start, work
from core.training.runs import process


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders in which a process would have been started."""
    folders: list[Path] = []
    monkeypatch.setattr(process, "spawn", lambda _, folder: folders.append(folder))
    return folders


def test_the_cells_wait_in_class_folders(spawned: list[Path], settings: Settings) -> None:
    cells = [("Neutrophil", "a/1.PNG", b"one"), ("metamyelocyte", "b/2.jpg", b"two")]
    folder = start(cells, "tiny", "ward-3", settings)
    assert spawned == [folder]
    found = sorted(p.relative_to(folder / "cells").as_posix() for p in folder.glob("cells/*/*"))
    assert found == ["ig/00001.jpg", "neutrophil/00000.png"]


def test_labels_and_names_that_cannot_be_start_nothing(
    spawned: list[Path], settings: Settings
) -> None:
    with pytest.raises(TrainingError, match="'unicorn'"):
        start([("unicorn", "1.png", b"")], "tiny", "ward-3", settings)
    with pytest.raises(TrainingError, match="none at all"):
        start([], "tiny", "ward-3", settings)
    with pytest.raises(InvalidConfigError):
        start([("ig", "1.png", b"")], "tiny", "../ward", settings)
    assert not spawned


def test_what_goes_wrong_is_told_and_no_picture_is_kept(
    spawned: list[Path], settings: Settings
) -> None:
    folder = start([("ig", "1.png", b"no image")], "no such bundle", "ward-3", settings)
    work(folder)
    job = read(folder)
    assert job.is_over
    assert "no such bundle" in job.error
    assert not (folder / "cells").exists()


def test_a_process_that_died_has_failed(spawned: list[Path], settings: Settings) -> None:
    folder = start([("ig", "1.png", b"")], "tiny", "ward-3", settings)
    with process.held(folder):
        assert read(folder) == Job()
    (folder / "status.json").write_text(json.dumps({"share": 0.5, "text": "Fitting"}))
    assert read(folder) == Job(0.5, "Fitting", CUT_SHORT)
    assert adaptation.read(folder).is_over
