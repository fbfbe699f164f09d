"""A run is deleted whole, and never while somebody needs it."""

import shutil
from collections.abc import Callable
from contextlib import suppress

import pytest

from core.access.accounts import Account, Role
from core.analysis import deployments
from core.errors import BundleError, DeploymentError, JobError, RunError
from core.jobs import Queue
from core.training import runs
from core.training.runs import control
from core.training.runs.state import Status
from core.vision.bundle import OF_RUN
from tests.core.jobs.children import Children, has_ended
from tests.core.training.runs.begun import older, start
from tests.factories import make_bundle
from tests.threads import at_once


def measured(queue: Queue) -> runs.Run:
    """A stopped run with a measured epoch, which can be put into use."""
    folder = older(queue.settings, status="stopped")
    made = make_bundle(queue.settings.state_dir / "elsewhere", name=folder.name)
    shutil.copytree(made.folder, folder / OF_RUN)
    return runs.find_run(folder.name, queue)


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


def test_a_run_that_is_deleted_while_the_list_is_read_is_no_damage(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = older(queue.settings, status="stopped")
    monkeypatch.setattr(control, "_folders", lambda _: [there, there.with_name("gone")])
    assert [run.id for run in runs.list_runs(queue)] == ["older"]
    assert runs.damaged_runs(queue) == []
    with pytest.raises(RunError):
        runs.find_run("gone", queue)
