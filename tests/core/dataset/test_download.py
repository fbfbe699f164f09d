"""The download as a job: what can be told of it while it runs, and how it ends."""

from pathlib import Path

import pytest

from core.dataset import download
from core.dataset.download import read_bar
from core.dataset.sources import DataSource
from core.jobs import Queue, State, worker
from core.records.store import Store
from core.settings import Settings
from core.work import Context
from tests.core.jobs.children import has_ended, idle_queue


def test_reads_the_bar_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("\r  3%|▎  | 8.0M/268M [00:01<00:30]\r 42%|████▏  | 113M/268M [00:10<")
    assert read_bar(log) == (0.42, "113MB of 268MB")
    log.write_text("\r100%|████████| 268M/268M [00:30<")
    assert read_bar(log) == (1.0, "Unpacking the archive")


def test_says_what_it_does_before_the_bar_stands(tmp_path: Path) -> None:
    assert read_bar(tmp_path / "log.txt") == (0.0, "Asking Kaggle")


def test_tells_how_far_it_is_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, str]] = []
    monkeypatch.setattr(download, "_LOOK_EVERY_S", 0.001)

    def fetch(_: Settings) -> DataSource:
        (tmp_path / "log.txt").write_text("\r 42%|████▏  | 113M/268M [00:10<")
        while (0.42, "113MB of 268MB") not in told:
            pass
        return DataSource(Path("here"), "Kaggle", False, "")

    monkeypatch.setattr(download, "fetch", fetch)
    context = Context(tmp_path, lambda *words: told.append(words), lambda: False)
    assert download.work({}, context) == {"root": "here"}


def test_a_refusal_is_the_message(store: Store, settings: Settings) -> None:
    queue = idle_queue(store, settings)
    job = worker.work(queue, queue.submit("download", "", {}, by=None).id)
    assert job.state == State.FAILED
    assert "BLOODCELLS_DOWNLOAD" in job.message


def test_runs_as_a_process_of_its_own(store: Store, settings: Settings) -> None:
    queue = Queue(store, settings)
    job = queue.submit("download", "", {}, by=None)  # the tests forbid it: it ends with the reason
    assert job.lease and has_ended(job.lease.pid)
    assert "BLOODCELLS_DOWNLOAD" in queue.get(job.id).message
