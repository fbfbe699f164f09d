import errno
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.access.accounts import Account, Role
from core.analysis import deployments
from core.errors import BundleError, DeploymentError, JobError, RunError
from core.jobs import Queue, worker
from core.records.store import Store
from core.settings import Settings
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs import control
from core.training.runs.state import AFRESH, Status
from core.training.runs.work import work
from core.vision.bundle import OF_RUN
from core.work import Context
from tests.core.jobs.children import Children, has_ended, idle_queue, kill
from tests.core.jobs.conftest import MakeQueue
from tests.factories import make_bundle
from tests.threads import at_once

CONFIG = TrainConfig(data_dir="cells", epochs=3)
DONE = '{"event": "finish", "reason": "done", "best_epoch": 1, "best_accuracy": 0.5}\n'


def start(queue: Queue) -> runs.Run:
    return runs.start(CONFIG, queue, None)


def statuses(queue: Queue) -> dict[str, Status]:
    return {run.id: run.status for run in runs.list_runs(queue)}


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


def test_delete_spares_a_running_run(queue: Queue, children: Children) -> None:
    run = start(queue)
    _, pid = children.hear()
    with pytest.raises(JobError):
        runs.delete(run.id, queue)
    runs.stop(run.id, queue, at_once=True)
    assert has_ended(pid)
    queue.sweep()
    runs.delete(run.id, queue)
    assert runs.list_runs(queue) == []
    assert not any(path.is_dir() for path in queue.settings.runs_dir.iterdir())


def measured(queue: Queue) -> runs.Run:
    """A stopped run with a measured epoch, which can be put into use."""
    folder = older(queue.settings, status="stopped")
    made = make_bundle(queue.settings.state_dir / "elsewhere", name=folder.name)
    shutil.copytree(made.folder, folder / OF_RUN)
    return runs.find_run(folder.name, queue)


def test_a_run_whose_model_is_in_use_is_neither_deleted_nor_resumed(
    queue: Queue, children: Children, account: Callable[[Role], Account]
) -> None:
    run, admin = measured(queue), account(Role.ADMIN)
    make_bundle(queue.settings.bundle_dirs[1])
    deployments.use_bundle(queue.store, queue.settings, admin, run.id)
    for deed in (lambda: runs.delete(run.id, queue), lambda: runs.resume(run.id, queue, None)):
        with pytest.raises(DeploymentError):
            deed()
    in_use = deployments.current(queue.store, queue.settings)
    assert deployments.bundle_of(in_use, queue.settings).folder == run.folder / OF_RUN
    assert runs.find_run(run.id, queue).status == Status.STOPPED
    deployments.use_bundle(queue.store, queue.settings, admin, "tiny")
    runs.delete(run.id, queue)
    assert runs.list_runs(queue) == []


def test_what_is_put_into_use_and_deleted_at_once_is_one_of_both(
    queue: Queue, account: Callable[[Role], Account]
) -> None:
    run, admin = measured(queue), account(Role.ADMIN)

    def attempt(number: int) -> None:
        with suppress(DeploymentError, BundleError):
            if number:
                deployments.use_bundle(queue.store, queue.settings, admin, run.id)
            else:
                runs.delete(run.id, queue)

    at_once(2, attempt)
    used = deployments.current(queue.store, queue.settings).bundle == run.id
    assert used == run.folder.exists()


def test_a_run_is_not_deleted_while_somebody_resumes_it(queue: Queue, children: Children) -> None:
    run = older(queue.settings, status="stopped")

    def attempt(number: int) -> None:
        with suppress(RunError, JobError):
            runs.resume(run.name, queue, None) if number else runs.delete(run.name, queue)

    at_once(2, attempt)
    assert run.exists() == (queue.latest("training", run.name) is not None)


def test_what_a_kill_left_of_a_deleted_run_goes_with_the_next(
    queue: Queue, children: Children
) -> None:
    left = queue.settings.runs_dir / ".deleted-earlier"
    left.mkdir(parents=True)
    runs.delete(older(queue.settings, status="stopped").name, queue)
    assert not left.exists()


@pytest.mark.parametrize("run_id", ["none", "..", ".", "", "../state"])
def test_an_unknown_run_is_refused(queue: Queue, run_id: str) -> None:
    queue.settings.runs_dir.mkdir(parents=True)
    with pytest.raises(RunError, match="no run"):
        runs.delete(run_id, queue)


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


def older(settings: Settings, **state: object) -> Path:
    """A run as it was before there were jobs."""
    folder = settings.runs_dir / "older"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(CONFIG.to_json())
    known = {"created": "2026-01-01T00:00:00+00:00", "by": "ada", "message": "", **state}
    (folder / "state.json").write_text(json.dumps(known))
    return folder


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


def test_what_goes_wrong_stands_in_the_run(settings: Settings, tmp_path: Path) -> None:
    folder = older(settings, status="stopped")
    context = Context(tmp_path, lambda *_: None, lambda: False)
    with pytest.raises(Exception, match="cells"):
        work({"run": folder.name}, context)
    told = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().split("\n") if line]
    assert [line["event"] for line in told] == ["launch", "error"]


def test_a_run_that_is_deleted_while_the_list_is_read_is_no_damage(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = older(queue.settings, status="stopped")
    monkeypatch.setattr(control, "_folders", lambda _: [there, there.with_name("gone")])
    assert [run.id for run in runs.list_runs(queue)] == ["older"]
    assert runs.damaged_runs(queue) == []
    with pytest.raises(RunError):
        runs.find_run("gone", queue)
