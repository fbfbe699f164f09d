"""Runs are begun one after the other, listed, and never half begun."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.access.accounts import Account, Role
from core.errors import RunError
from core.jobs import Queue, worker
from core.records.store import Store
from core.settings import Settings
from core.training import runs
from core.training.runs.state import Status
from core.training.runs.work import work
from core.work import Context
from tests.core.jobs.children import Children, idle_queue, kill
from tests.core.jobs.conftest import MakeQueue
from tests.core.training.runs.begun import CONFIG, older, start, statuses
from tests.threads import at_once

DONE = '{"event": "finish", "reason": "done", "best_epoch": 1, "best_accuracy": 0.5}\n'


def test_a_run_is_asked_for_by_somebody(
    queue: Queue, children: Children, account: Callable[[Role], Account]
) -> None:
    run = runs.start(CONFIG, queue, account(Role.SCIENTIST).id)
    job_id, _ = children.hear()
    assert queue.get(job_id).subject == run.id
    assert (run.status, run.config, run.state.by) == (Status.RUNNING, CONFIG, "scientist")
    assert start(queue).state.by == "command line"


def test_a_second_run_waits_and_follows_when_the_first_is_killed(
    queue: Queue, children: Children
) -> None:
    first, second = start(queue), start(queue)
    assert (first.status, second.status) == (Status.RUNNING, Status.QUEUED)
    kill(children.hear()[1])
    queue.sweep()
    assert queue.get(children.hear()[0]).subject == second.id
    # It goes on by itself once its turn comes.
    assert statuses(queue) == {first.id: Status.QUEUED, second.id: Status.RUNNING}


def test_a_finishing_process_starts_the_next_itself(
    queue_of: MakeQueue, children: Children
) -> None:
    queue = queue_of("work")
    first = start(queue)
    _, pid = children.hear()
    second = start(queue)
    children.tell("done")
    job_id, next_pid = children.hear()
    assert (queue.get(job_id).subject, next_pid) == (second.id, pid)
    assert statuses(queue)[second.id] == Status.RUNNING
    assert statuses(queue)[first.id] == Status.FINISHED


def test_a_run_survives_the_server(queue: Queue, children: Children) -> None:
    run = start(queue)
    children.hear()
    again = Queue(Store(queue.settings.database), queue.settings, children.start())
    again.sweep()
    assert runs.find_run(run.id, again).status == Status.RUNNING
    assert children.is_silent()


def test_many_starters_at_once_start_one_process(queue: Queue, children: Children) -> None:
    ids = at_once(6, lambda _: start(queue).id)
    assert len(set(ids)) == 6
    children.hear()
    assert sorted(statuses(queue).values()) == [Status.QUEUED] * 5 + [Status.RUNNING]
    assert children.is_silent()


def test_what_the_process_said_last_decides_if_it_died_before_noting_it(
    queue: Queue, children: Children, store: Store
) -> None:
    run = start(queue)
    job_id, pid = children.hear()
    (run.folder / "metrics.jsonl").write_text(DONE)
    kill(pid)
    waiting = idle_queue(store, queue.settings)
    waiting.sweep()
    worker.work(waiting, job_id)
    assert runs.find_run(run.id, queue).status == Status.FINISHED


def test_a_command_that_cannot_start_fails_and_frees_the_queue(
    queue: Queue, store: Store, settings: Settings, children: Children
) -> None:
    def fail(*_: object) -> None:
        raise FileNotFoundError("/no/such/python")

    with pytest.raises(RunError, match="could not be started"):
        start(Queue(store, settings, fail))  # type: ignore[arg-type]
    assert list(statuses(queue).values()) == [Status.FAILED]
    assert start(queue).status == Status.RUNNING


def test_a_full_disk_leaves_no_half_of_a_run(
    queue: Queue, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"No space left.*Free some space"):
        start(queue)
    assert not any(path.is_dir() for path in queue.settings.runs_dir.iterdir())


def test_a_folder_that_cannot_be_made_says_how_to_mend(queue: Queue, children: Children) -> None:
    queue.settings.runs_dir.write_text("a file where a folder should be")
    with pytest.raises(RunError, match="BLOODCELLS_STATE_DIR"):
        start(queue)


def test_a_damaged_run_is_told_of_and_holds_up_nothing(queue: Queue, children: Children) -> None:
    broken = queue.settings.runs_dir / "broken"
    broken.mkdir(parents=True)
    (broken / "state.json").write_text('{"status": "run')
    run = start(queue)
    assert [found.id for found in runs.list_runs(queue)] == [run.id]
    assert "broken" in runs.damaged_runs(queue)[0]
    runs.delete("broken", queue)
    assert runs.damaged_runs(queue) == []


def test_what_goes_wrong_stands_in_the_run(settings: Settings, tmp_path: Path) -> None:
    folder = older(settings, status="stopped")
    context = Context(tmp_path, lambda *_: None, lambda: False)
    with pytest.raises(Exception, match="cells"):
        work({"run": folder.name}, context)
    told = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().split("\n") if line]
    assert [line["event"] for line in told] == ["launch", "error"]
