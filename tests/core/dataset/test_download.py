"""The download as a process: what a page can tell of it while it runs and after it ended."""

import json
import os
from pathlib import Path

import psutil
import pytest

from core.dataset import download
from core.dataset.sources import DataSource
from core.errors import DatasetError
from core.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    made = Settings(state_dir=tmp_path)
    made.cache_dir.mkdir()
    return made


def pretend_running(config: Settings, log: str) -> None:
    me = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    (config.cache_dir / "download.json").write_text(json.dumps(me))
    (config.cache_dir / "download.log").write_text(log)


def test_nothing_started_nothing_to_tell(config: Settings) -> None:
    assert download.progress(config) is None


def test_reads_the_bar_in_the_log(config: Settings) -> None:
    pretend_running(config, "\r  3%|▎  | 8.0M/268M [00:01<00:30]\r 42%|████▏  | 113M/268M [00:10<")
    found = download.progress(config)
    assert found == download.Download("running", "113MB of 268MB", 0.42)


def test_is_running_before_the_bar_stands(config: Settings) -> None:
    pretend_running(config, "")
    found = download.progress(config)
    assert found is not None
    assert (found.state, found.share) == ("running", None)


def test_a_killed_download_is_told_as_interrupted(config: Settings) -> None:
    dead = {"pid": os.getpid(), "started": 1.0}  # this number belongs to another process now
    (config.cache_dir / "download.json").write_text(json.dumps(dead))
    found = download.progress(config)
    assert found is not None
    assert found.state == "failed"
    assert "interrupted" in found.message


def test_forbidden_downloads_do_not_start(config: Settings) -> None:
    with pytest.raises(DatasetError, match="BLOODCELLS_DOWNLOAD"):
        download.start(config.model_copy(update={"download": False}))
    assert download.progress(config) is None


def test_the_outcome_is_written_for_all_to_read(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = config.cache_dir / "download_outcome.json"
    monkeypatch.setattr(download, "fetch", lambda _: DataSource(Path(), "Kaggle", False, ""))
    download.main(outcome)
    found = download.progress(config)
    assert found is not None
    assert found.state == "finished"

    def fail(_: Settings) -> DataSource:
        raise DatasetError("Kaggle cannot be reached.")

    monkeypatch.setattr(download, "fetch", fail)
    download.main(outcome)
    assert download.progress(config) == download.Download("failed", "Kaggle cannot be reached.")


def test_runs_as_a_process_of_its_own(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOODCELLS_DOWNLOAD", "false")  # in the child: it ends with the reason
    download.start(config.model_copy(update={"download": True}))
    pid = json.loads((config.cache_dir / "download.json").read_text())["pid"]
    os.waitpid(pid, 0)
    found = download.progress(config)
    assert found is not None
    assert found.state == "failed"
    assert "BLOODCELLS_DOWNLOAD" in found.message
