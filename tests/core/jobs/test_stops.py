"""A stop ends the job that is meant, and no other process."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import JobError, RecordError
from core.jobs import Job, Lease, Queue, State, process, steps
from core.records.store import Store
from core.settings import Settings
from tests.core.jobs.asked import submit
from tests.core.jobs.children import Children, has_ended
from tests.core.jobs.conftest import MakeQueue


def test_a_stop_before_the_start_takes_it_out(queue: Queue, children: Children) -> None:
    submit(queue, "one")
    waiting = submit(queue, "two")
    queue.stop(waiting.id)
    assert queue.get(waiting.id).state == State.STOPPED
    assert not queue.folders.of(waiting.id).exists()
    with pytest.raises(JobError):
        queue.stop(waiting.id)


def test_a_stop_is_asked_for_then_forced(queue: Queue, children: Children) -> None:
    job = submit(queue, kind="training")
    _, pid = children.hear()
    queue.stop(job.id)
    assert queue.get(job.id).is_stopping
    queue.stop(job.id, at_once=True)
    assert has_ended(pid)
    queue.sweep()
    assert queue.get(job.id).state == State.STOPPED


def test_a_process_that_does_not_hear_is_killed(
    queue_of: MakeQueue, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE_S", 0.0)
    queue = queue_of("deaf")
    job = submit(queue, kind="training")
    _, pid = children.hear()
    queue.stop(job.id, at_once=True)
    assert has_ended(pid)
    queue.sweep()
    assert queue.get(job.id).state == State.STOPPED


def test_a_process_cannot_go_on_as_the_next_job_while_it_is_ended(
    queue: Queue, children: Children, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, other, ended = submit(queue), Store(settings.database, busy_timeout_s=0), []

    def terminate(lease: Lease) -> None:
        with pytest.raises(RecordError), other.write() as session:  # as its process would
            steps.end(steps.row_of(session, job.id), State.FINISHED)
        ended.append(lease)

    monkeypatch.setattr(process, "terminate", terminate)
    children.hear()
    queue.stop(job.id, at_once=True)
    assert ended == [queue.get(job.id).lease]
    other.close()


def test_a_stop_never_ends_the_server_that_is_just_starting_the_job(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "terminate", lambda _: pytest.fail("ended the server"))

    def start(job: Job, _: Path) -> Lease:
        queue.stop(job.id, at_once=True)
        return process.own_lease()

    queue = Queue(store, settings, start)
    assert submit(queue).is_stopping


@pytest.mark.parametrize(("same", "code"), [(False, None), (True, -signal.SIGTERM)])
def test_terminate_spares_a_process_that_started_at_another_time(
    queue: Queue, children: Children, same: bool, code: int | None
) -> None:
    lease = submit(queue).lease
    assert lease
    _, pid = children.hear()
    process.terminate(lease if same else replace(lease, pid_start=-1.0))
    assert has_ended(pid, 30 if same else 0) is same
    assert process.exit_code(lease) == code
