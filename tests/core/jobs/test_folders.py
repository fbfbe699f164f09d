"""What a job keeps on disk, and until when."""

import os
from datetime import timedelta

import pytest

from core.errors import JobError
from core.jobs import Queue, State
from core.records.tables import now
from core.settings import Settings
from tests.core.jobs.asked import change, submit
from tests.core.jobs.children import Children, kill


def test_what_is_kept_stays_until_it_is_dismissed(queue: Queue, children: Children) -> None:
    job = submit(queue, kind="profile")
    with pytest.raises(JobError):
        queue.dismiss(job.id)
    kill(children.hear()[1])
    change(queue.store, job, state="finished", ended=now())
    queue.sweep()
    assert queue.folders.found() == [job.id]
    queue.dismiss(job.id)
    assert queue.latest("profile") is None
    assert not queue.folders.found()
    assert queue.get(job.id).state == State.FINISHED


def test_what_nobody_decides_about_goes_after_a_week(queue: Queue, children: Children) -> None:
    job = submit(queue, kind="profile")
    kill(children.hear()[1])
    change(queue.store, job, state="finished", ended=now() - timedelta(days=8))
    queue.sweep()
    assert not queue.folders.found()


def test_a_folder_that_no_job_knows_goes_once_it_is_old(queue: Queue) -> None:
    for name in ("unknown", ".unknown.part"):
        (queue.folders.root / name).mkdir(parents=True, exist_ok=True)
    queue.sweep()
    assert len(list(queue.folders.root.iterdir())) == 2
    for folder in queue.folders.root.iterdir():
        os.utime(folder, (0, 0))
    queue.sweep()
    assert not list(queue.folders.root.iterdir())


def test_files_that_cannot_be_kept_are_a_failure_that_says_how_to_mend(
    queue: Queue, settings: Settings
) -> None:
    (settings.state_dir / "jobs").write_text("a file where a folder should be")
    with pytest.raises(JobError, match="BLOODCELLS_STATE_DIR"):
        submit(queue)
    assert not queue.by_subject("adaptation")
