"""Adapting as a job: what is refused at the door, what is told, that no image is kept."""

import pytest

from core.errors import InvalidConfigError, TrainingError
from core.jobs import Queue, State, worker
from core.records.store import Store
from core.settings import Settings
from core.training.adapt import job as module
from core.training.adapt.cells import LabelledCells
from core.training.adapt.change import Change
from core.training.adapt.job import start, unreadable
from tests.core.analysis.images import cell, encoded, field
from tests.core.jobs.children import idle_queue
from tests.factories import make_bundle


@pytest.fixture
def queue(store: Store, settings: Settings) -> Queue:
    return idle_queue(store, settings)


def test_the_cells_wait_in_class_folders(queue: Queue) -> None:
    cells = [("Neutrophil", "a/1.PNG", b"one"), ("metamyelocyte", "b/2.jpg", b"two")]
    job = start(cells, "a.zip", "tiny", "ward-3", queue, None)
    folder = queue.folders.of(job.id)
    found = sorted(p.relative_to(folder / "cells").as_posix() for p in folder.glob("cells/*/*"))
    assert found == ["ig/00001.jpg", "neutrophil/00000.png"]
    assert job.request == {
        "bundle": "tiny",
        "name": "ward-3",
        "names": {"neutrophil/00000.png": "a/1.PNG", "ig/00001.jpg": "b/2.jpg"},
        "unread": [],
        "source": "a.zip",
    }


def test_labels_and_names_that_cannot_be_start_nothing(queue: Queue) -> None:
    with pytest.raises(TrainingError, match="'unicorn'"):
        start([("unicorn", "1.png", b"")], "a.zip", "tiny", "ward-3", queue, None)
    with pytest.raises(TrainingError, match="none at all"):
        start([], "a.zip", "tiny", "ward-3", queue, None)
    with pytest.raises(InvalidConfigError):
        start([("ig", "1.png", b"")], "a.zip", "tiny", "../ward", queue, None)
    assert not queue.by_subject("adaptation")
    assert not queue.folders.found()


def test_what_goes_wrong_is_told_and_no_image_is_kept(queue: Queue) -> None:
    job = start([("ig", "1.png", b"no image")], "a.zip", "no such model", "ward-3", queue, None)
    ended = worker.work(queue, job.id)
    assert ended.state == State.FAILED
    assert "no such model" in ended.message
    assert not queue.folders.found()


def test_an_image_that_cannot_be_read_is_named(queue: Queue, settings: Settings) -> None:
    make_bundle(settings.bundle_dirs[1])
    job = start([("ig", "1.png", b"no image")], "a.zip", "tiny", "ward-3", queue, None)
    ended = worker.work(queue, job.id)
    assert ended.state == State.FAILED
    assert "1.png" in ended.message


def test_what_cannot_be_read_is_named_and_the_rest_is_learnt_from(
    queue: Queue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[str] = []

    def adapt(_: object, cells: LabelledCells, *__: object, **___: object) -> tuple[None, Change]:
        assert len(cells.images) == len(cells.labels)
        learnt.extend(cells.labels)
        return None, Change(2, 1, 0.5, 0.5, 0, 0, 0.9, 0.9)

    monkeypatch.setattr(module, "adapt", adapt)
    make_bundle(settings.bundle_dirs[1])
    png = encoded(cell())
    cells = [
        ("monocyte", "monocyte/1.png", encoded(field())),
        ("ig", "ig/2.jpg", png[:200]),
        ("ig", "ig/3", png),
        ("lymphocyte", "lymphocyte/notes.txt", b"cells of last week"),
        ("", "README.md", b"Where the cells are from"),
    ]
    job = start(
        cells, "a.zip", "tiny", "ward-3", queue, None, unread={"ig/4.png": "It is damaged."}
    )
    ended = worker.work(queue, job.id)
    assert (ended.state, learnt) == (State.FINISHED, ["ig", "monocyte"])
    assert unreadable(ended) == ["ig/4.png", "ig/2.jpg"]


def test_where_nothing_could_be_unpacked_the_reason_is_told(queue: Queue) -> None:
    with pytest.raises(TrainingError, match=r"a\.zip: This ZIP is damaged"):
        start([], "a.zip", "tiny", "ward-3", queue, None, unread={"a.zip": "This ZIP is damaged."})
