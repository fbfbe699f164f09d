"""Runs from before there were jobs, and those begun by hand."""

import os

import pytest

from core.jobs import Queue, worker
from core.training import runs
from core.training.runs.state import AFRESH, Status
from tests.core.jobs.children import Children, idle_queue
from tests.core.training.runs.begun import older


@pytest.mark.parametrize("status", ["finished", "failed", "stopped"])
def test_a_run_older_than_jobs_keeps_its_state(queue: Queue, status: str) -> None:
    older(queue.settings, status=status, message="why")
    (run,) = runs.list_runs(queue)
    assert (run.status, run.state.by, run.state.message) == (status, "ada", "why")
    assert run.state.created.startswith("2026-01-01")


def test_a_run_older_than_jobs_resumes_as_one(queue: Queue, children: Children) -> None:
    older(queue.settings, status="running", pid=os.getpid(), pid_started=-1.0)
    (run,) = runs.list_runs(queue)
    assert (run.status, AFRESH in run.state.message) == (Status.STOPPED, True)
    again = runs.resume(run.id, queue, None)
    assert (again.status, again.state.by) == (Status.RUNNING, "ada")
    assert again.state.created.startswith("2026-01-01")


def test_a_run_whose_jobs_are_in_another_database_resumes(queue: Queue, children: Children) -> None:
    (older(queue.settings, status="") / "state.json").unlink()
    (run,) = runs.list_runs(queue)
    assert run.status == Status.STOPPED
    assert runs.resume(run.id, queue, None).status == Status.RUNNING


def test_work_begun_by_hand_is_seen_and_not_begun_twice(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = older(queue.settings, status="stopped")
    seen: list[Status] = []

    def stand_in(*_: object) -> dict[str, str]:
        queue.sweep()
        seen.append(runs.find_run(run.name, queue).status)
        return {"reason": "done"}

    monkeypatch.setattr("core.training.runs.work.work", stand_in)
    runs.resume(run.name, idle_queue(queue.store, queue.settings), None)
    worker.work(queue, queue.by_subject("training")[run.name][-1].id)
    assert seen == [Status.RUNNING]
    assert runs.find_run(run.name, queue).status == Status.FINISHED
