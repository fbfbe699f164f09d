"""What ended, and what only seems to: jobs are settled, taken over, or left alone."""

import os
from pathlib import Path

import psutil
import pytest

from core.errors import RecordError
from core.jobs import Job, Lease, Queue, State, process, steps
from core.jobs.steps import MOST_ATTEMPTS, STALE_AFTER
from core.records.store import Store
from core.records.tables import now
from core.settings import Settings
from tests.conftest import Logged
from tests.core.jobs.asked import change, states, submit
from tests.core.jobs.children import Children, has_ended, kill
from tests.core.jobs.conftest import MakeQueue


def test_killed_work_leaves_no_image_and_no_zombie(queue: Queue, children: Children) -> None:
    job = submit(queue)
    _, pid = children.hear()
    kill(pid)
    queue.sweep()
    ended = queue.get(job.id)
    assert (ended.state, ended.attempt) == (State.FAILED, 1)
    assert "Start it again" in ended.message
    assert not queue.folders.found()
    assert not psutil.pid_exists(pid)


def test_the_next_follows_when_one_is_killed(queue: Queue, children: Children) -> None:
    submit(queue, "one")
    submit(queue, "two")
    kill(children.hear()[1])
    queue.sweep()
    assert states(queue) == {"one": State.FAILED, "two": State.RUNNING}


def test_an_exit_code_is_a_failure_with_its_log(
    queue_of: MakeQueue, children: Children, logged: Logged
) -> None:
    queue = queue_of("exit")
    job = submit(queue, kind="training")
    assert has_ended(children.hear()[1])
    queue.sweep()
    ended = queue.get(job.id)
    assert ended.state == State.FAILED
    assert "code 3" in ended.message and "no such thing" in ended.log
    lines = {line["event"]: line for line in logged()}
    assert lines["job_process_ended"]["code"] == 3
    told = lines["job_ended"]
    assert (told["level"], told["job"], told["state"]) == ("error", job.id, "failed")


def test_what_can_go_on_does_so_behind_the_others_and_not_for_ever(
    queue: Queue, children: Children
) -> None:
    job = submit(queue, "one", "training")
    submit(queue, "two", "training")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        kill(children.hear()[1])
        queue.sweep()
        assert states(queue, "training")["two"] == State.RUNNING
        assert queue.get(job.id).attempt == attempt
        if attempt == MOST_ATTEMPTS:
            break
        assert queue.get(job.id).state == State.QUEUED
        assert queue.folders.of(job.id).is_dir()
        kill(children.hear()[1])
        change(queue.store, queue.latest("training", "two"), attempt=0)
        queue.sweep()
    assert queue.get(job.id).state == State.FAILED


def test_a_process_number_given_to_another_process_does_not_count(
    queue: Queue, children: Children
) -> None:
    job = submit(queue)
    kill(children.hear()[1])
    change(queue.store, job, pid=os.getpid(), pid_start=0.0)
    queue.sweep()
    assert queue.get(job.id).state == State.FAILED


def test_a_job_survives_the_server(queue: Queue, children: Children) -> None:
    job = submit(queue)
    children.hear()
    forgotten = process._children.copy()  # as in a server that has just started
    process._children.clear()
    Queue(queue.store, queue.settings, children.start()).sweep()
    assert queue.get(job.id).state == State.RUNNING
    assert children.is_silent()
    process._children.update(forgotten)


@pytest.mark.parametrize(("silent", "state"), [(0.9, State.RUNNING), (1.1, State.FAILED)])
def test_another_machine_is_believed_while_its_heart_beats(
    queue: Queue, children: Children, silent: float, state: State
) -> None:
    job = submit(queue)
    children.hear()
    change(queue.store, job, host="elsewhere", pid=1, heartbeat=now() - silent * STALE_AFTER)
    queue.sweep()
    assert queue.get(job.id).state == state


@pytest.mark.parametrize(("kind", "state"), [("adaptation", "failed"), ("training", "queued")])
def test_a_process_that_neither_starts_nor_can_be_noted_keeps_no_lane(
    store: Store, settings: Settings, queue: Queue, children: Children, kind: str, state: str
) -> None:
    def start(job: Job, _: Path) -> Lease:
        raise RecordError("The disk is full.")  # as where the note of the failure fails, too

    stuck = submit(Queue(store, settings, start), "stuck", kind)
    assert (stuck.state, stuck.lease) == (State.RUNNING, process.own_lease())
    assert submit(queue, "next").state == State.QUEUED
    change(store, stuck, started=now() - 0.9 * STALE_AFTER)
    queue.sweep()
    assert queue.get(stuck.id).state == State.RUNNING
    change(store, stuck, started=now() - 1.1 * STALE_AFTER)
    queue.sweep()
    assert queue.get(stuck.id).state == state
    assert states(queue)["next"] == State.RUNNING


def test_all_machines_count_by_the_database_s_clock(
    queue: Queue, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = now() + 10 * STALE_AFTER
    monkeypatch.setattr(steps, "moment", lambda _: ahead)
    job = submit(queue)
    children.hear()
    change(queue.store, job, host="elsewhere", pid=1)
    queue.sweep()
    assert queue.get(job.id).state == State.RUNNING
    monkeypatch.setattr(steps, "moment", lambda _: ahead + 1.1 * STALE_AFTER)
    queue.sweep()
    assert queue.get(job.id).state == State.FAILED


def test_of_children_that_ended_only_some_are_remembered(
    queue: Queue, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_KEPT", 2)
    for number in range(4):
        submit(queue, str(number))
        kill(children.hear()[1])
        queue.sweep()
    assert len(process._children) == 2
    assert set(states(queue).values()) == {State.FAILED}
