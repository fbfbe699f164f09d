"""Adapting as a job: what is refused at the door, what is told, that no image is kept."""

import pytest

from core.errors import InvalidConfigError, TrainingError
from core.jobs import Queue, State, worker
from core.records.store import Store
from core.settings import Settings
from core.training.adapt.job import start
from tests.core.jobs.children import idle_queue
from tests.factories import make_bundle


@pytest.fixture
def queue(store: Store, settings: Settings) -> Queue:
    return idle_queue(store, settings)


def test_the_cells_wait_in_class_folders(queue: Queue) -> None:
    cells = [("Neutrophil", "a/1.PNG", b"one"), ("metamyelocyte", "b/2.jpg", b"two")]
    job = start(cells, "tiny", "ward-3", queue, None)
    folder = queue.folders.of(job.id)
    found = sorted(p.relative_to(folder / "cells").as_posix() for p in folder.glob("cells/*/*"))
    assert found == ["ig/00001.jpg", "neutrophil/00000.png"]
    assert job.request == {
        "bundle": "tiny",
        "name": "ward-3",
        "names": {"neutrophil/00000.png": "a/1.PNG", "ig/00001.jpg": "b/2.jpg"},
    }


def test_labels_and_names_that_cannot_be_start_nothing(queue: Queue) -> None:
    with pytest.raises(TrainingError, match="'unicorn'"):
        start([("unicorn", "1.png", b"")], "tiny", "ward-3", queue, None)
    with pytest.raises(TrainingError, match="none at all"):
        start([], "tiny", "ward-3", queue, None)
    with pytest.raises(InvalidConfigError):
        start([("ig", "1.png", b"")], "tiny", "../ward", queue, None)
    assert not queue.by_subject("adaptation")
    assert not queue.folders.found()


def test_what_goes_wrong_is_told_and_no_image_is_kept(queue: Queue) -> None:
    job = start([("ig", "1.png", b"no image")], "no such model", "ward-3", queue, None)
    ended = worker.work(queue, job.id)
    assert ended.state == State.FAILED
    assert "no such model" in ended.message
    assert not queue.folders.found()


def test_an_image_that_cannot_be_read_is_named(queue: Queue, settings: Settings) -> None:
    make_bundle(settings.bundle_dirs[1])
    job = start([("ig", "1.png", b"no image")], "tiny", "ward-3", queue, None)
    ended = worker.work(queue, job.id)
    assert ended.state == State.FAILED
    assert "1.png" in ended.message
