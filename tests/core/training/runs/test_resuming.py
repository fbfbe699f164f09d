"""A run that was stopped goes on, in its turn."""

import pytest

from core.errors import RunError
from core.jobs import Queue
from core.training import runs
from core.training.runs.state import AFRESH, Status
from tests.core.jobs.children import Children, has_ended, kill
from tests.core.training.runs.begun import start


def test_stop_asks_then_ends_the_process_then_resume_goes_on(
    queue: Queue, children: Children
) -> None:
    run = start(queue)
    _, pid = children.hear()
    runs.stop(run.id, queue)
    assert runs.find_run(run.id, queue).is_stopping
    runs.stop(run.id, queue, at_once=True)
    assert has_ended(pid)
    queue.sweep()
    stopped = runs.find_run(run.id, queue)
    assert (stopped.status, stopped.is_stopping) == (Status.STOPPED, False)
    assert AFRESH in stopped.state.message
    assert runs.resume(run.id, queue, None).status == Status.RUNNING
    assert queue.get(children.hear()[0]).subject == run.id
    assert not runs.find_run(run.id, queue).is_stopping


def test_a_resumed_run_goes_to_the_end_of_the_queue(queue: Queue, children: Children) -> None:
    _, second, third = (start(queue) for _ in range(3))
    _, pid = children.hear()
    runs.stop(second.id, queue)
    runs.resume(second.id, queue, None)
    kill(pid)
    queue.sweep()
    assert queue.get(children.hear()[0]).subject == third.id


def test_a_queued_run_leaves_the_queue(queue: Queue, children: Children) -> None:
    start(queue)
    waiting = start(queue)
    runs.stop(waiting.id, queue)
    assert runs.find_run(waiting.id, queue).status == Status.STOPPED
    with pytest.raises(RunError):
        runs.stop(waiting.id, queue)


def test_only_a_stopped_or_failed_run_resumes(queue: Queue, children: Children) -> None:
    run = start(queue)
    with pytest.raises(RunError, match="is running"):
        runs.resume(run.id, queue, None)
