"""What the process of a job does: begin once, tell, stop, end in words, go on as the next."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from types import ModuleType
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.errors import DatasetError, JobError
from core.jobs import Job, Queue, State, kinds, worker
from core.jobs.kinds import KINDS, Work
from core.jobs.steps import row_of
from core.records.store import Store
from core.settings import Settings
from core.work import Context
from tests.core.jobs.children import Children, idle_queue, kill
from tests.core.jobs.conftest import MakeQueue

Do = Callable[..., Job]


@pytest.fixture
def waiting(store: Store, settings: Settings) -> Queue:
    """A queue that leaves its jobs to the test."""
    return idle_queue(store, settings)


@pytest.fixture
def do(waiting: Queue, monkeypatch: pytest.MonkeyPatch) -> Iterator[Do]:
    """Has some work done as a job in this process, and gives the job when it is over."""
    module = ModuleType("stand_in")
    monkeypatch.setitem(sys.modules, "stand_in", module)
    monkeypatch.setattr(worker, "PULSE_S", 0.01)

    def done(work: Work, kind: str = "adaptation") -> Job:
        module.work = work  # type: ignore[attr-defined]
        monkeypatch.setitem(kinds.KINDS, kind, replace(KINDS[kind], module="stand_in"))
        job = waiting.submit(kind, "", {"n": 1}, by=None, files=[("a", b"b")])
        return worker.work(waiting, job.id)

    yield done


def test_the_outcome_is_kept_and_the_folder_goes(do: Do, waiting: Queue) -> None:
    def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
        return {"twice": 2 * request["n"], "read": (context.folder / "a").read_text()}

    job = do(work)
    assert (job.state, job.outcome) == (State.FINISHED, {"twice": 2, "read": "b"})
    assert job.ended and job.share == 1
    assert not waiting.folders.found()


@pytest.mark.parametrize("error", [DatasetError("No images. Add some."), OSError("disk full")])
def test_what_a_person_can_mend_is_the_message(do: Do, waiting: Queue, error: Exception) -> None:
    def work(*_: object) -> dict[str, Any]:
        raise error

    job = do(work)
    assert (job.state, job.message) == (State.FAILED, str(error))
    assert not waiting.folders.found()


def test_what_nobody_expected_is_told_by_name(do: Do) -> None:
    def work(*_: object) -> dict[str, Any]:
        raise MemoryError("too large")

    assert do(work).message == "MemoryError: too large"


def test_a_beat_that_fails_is_not_the_last(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    failures, written = iter([ValueError("unforeseen")]), Event()

    def write(_: worker.Pulse) -> None:
        for error in failures:
            raise error
        written.set()

    def work(_: object, context: Context) -> dict[str, Any]:
        context.tell(0.4, "Half way")
        return {"written": written.wait(5)}

    monkeypatch.setattr(worker.Pulse, "_write", write)
    with capture_logs() as told:
        assert do(work).outcome == {"written": True}
    assert [one["event"] for one in told if one["log_level"] == "error"] == ["pulse_failed"]


def test_progress_reaches_others_while_it_goes_on(do: Do, waiting: Queue) -> None:
    seen = Event()

    def work(_: object, context: Context) -> dict[str, Any]:
        context.tell(0.4, "Half way, nearly")
        while not seen.wait(0.01):
            job = waiting.latest("adaptation")
            if job and (job.share, job.text) == (0.4, "Half way, nearly"):
                seen.set()
        return {}

    assert do(work).state == State.FINISHED


def test_work_stops_where_it_tells_how_far_it_is(do: Do, waiting: Queue) -> None:
    def work(_: object, context: Context) -> dict[str, Any]:
        live = waiting.latest("adaptation")
        assert live
        waiting.stop(live.id)
        while True:
            context.step(0.1, "Going on")

    job = do(work)
    assert (job.state, job.outcome) == (State.STOPPED, None)


def test_work_stops_that_another_process_took_over(do: Do, waiting: Queue) -> None:
    def work(_: object, context: Context) -> dict[str, Any]:
        live = waiting.latest("adaptation")
        assert live
        with waiting.store.write() as session:
            row_of(session, live.id).host = "elsewhere"
        while True:
            context.step(0.1, "Going on")

    job = do(work)
    assert job.state == State.RUNNING  # the other's word counts
    assert job.lease and job.lease.host == "elsewhere"


def test_work_that_the_machine_ends_goes_on_later(do: Do, waiting: Queue) -> None:
    def work(*_: object) -> dict[str, Any]:
        sys.exit(143)

    for kind, state in (("training", State.QUEUED), ("adaptation", State.FAILED)):
        with pytest.raises(SystemExit):
            do(work, kind)
        job = waiting.latest(kind)
        assert job and job.state == state


def test_a_job_is_begun_once(waiting: Queue, children: Children) -> None:
    job = waiting.submit("adaptation", "", {}, by=None)
    Queue(waiting.store, waiting.settings, children.start()).sweep()
    with pytest.raises(JobError):
        worker.work(waiting, job.id)
    kill(children.hear()[1])


def test_a_finishing_process_goes_on_as_the_next(queue_of: MakeQueue, children: Children) -> None:
    queue = queue_of("work")
    first = queue.submit("training", "one", {}, by=None)
    second = queue.submit("training", "two", {}, by=None)
    _, pid = children.hear()
    children.tell("done")
    assert children.hear() == (second.id, pid)
    assert queue.get(first.id).outcome == {"told": "done"}
    assert queue.get(second.id).state == State.RUNNING
    kill(pid)


def test_a_terminated_process_says_so_itself(queue_of: MakeQueue, children: Children) -> None:
    queue = queue_of("work")
    job = queue.submit("adaptation", "one", {}, by=None)
    _, pid = children.hear()
    kill(pid, signal.SIGTERM)
    assert queue.get(job.id).state == State.FAILED
    assert not queue.folders.found()


def test_every_kind_has_its_work() -> None:
    for kind in KINDS.values():
        assert kind.module.startswith("core.")
        assert callable(kind.load())
