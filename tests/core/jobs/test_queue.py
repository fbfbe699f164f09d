"""Jobs are begun one at a time, watched, stopped and taken over, whoever looks."""

import os
import signal
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import update

from core.access.accounts import Role
from core.errors import JobError, RecordError
from core.jobs import Job, Lease, Queue, State, process, steps
from core.jobs.kinds import HEAVY
from core.jobs.steps import MOST_ATTEMPTS, STALE_AFTER
from core.records.store import Store
from core.records.tables import JobRow, now
from core.settings import Settings
from core.work import LOG_FILE
from tests.conftest import Logged
from tests.core.jobs.children import Children, has_ended, kill
from tests.core.jobs.conftest import MakeQueue
from tests.threads import at_once

CELLS = [("cells/neutrophil/1.png", b"an image")]


def submit(queue: Queue, subject: str = "one", kind: str = "adaptation") -> Job:
    return queue.submit(kind, subject, {"asked": subject}, by=None, files=CELLS)


def change(store: Store, job: Job, **values: object) -> None:
    with store.write() as session:
        session.execute(update(JobRow).where(JobRow.id == job.id).values(**values))


def states(queue: Queue, kind: str = "adaptation") -> dict[str, State]:
    return {subject: jobs[-1].state for subject, jobs in queue.by_subject(kind).items()}


def test_a_job_is_a_process_of_its_own(queue: Queue, children: Children, account) -> None:
    job = queue.submit("adaptation", "one", {"n": 1}, by=account(Role.ADMIN).id, files=CELLS)
    job_id, pid = children.hear()
    assert (job.id, job.state, job.by, job.request) == (job_id, State.RUNNING, "admin", {"n": 1})
    assert job.lease == process.own_lease(pid)
    assert os.getsid(pid) == pid != os.getsid(0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == process.NICENESS
    assert b"GLIBC_TUNABLES=glibc.malloc" in Path(f"/proc/{pid}/environ").read_bytes()
    assert Path(f"/proc/{pid}/fd/0").readlink() == Path(os.devnull)
    folder = queue.folders.of(job.id)
    assert Path(f"/proc/{pid}/fd/1").readlink() == folder / LOG_FILE
    assert (
        stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    )
    assert (folder / CELLS[0][0]).read_bytes() == CELLS[0][1]


def test_of_a_lane_one_runs_and_the_next_waits(queue: Queue, children: Children) -> None:
    submit(queue, "one")
    submit(queue, "two")
    queue.submit("download", "", {}, by=None)
    assert states(queue) == {"one": State.RUNNING, "two": State.QUEUED}
    assert states(queue, "download") == {"": State.RUNNING}


def test_many_who_ask_at_once_for_different_jobs_start_one(
    queue: Queue, children: Children
) -> None:
    at_once(6, lambda number: submit(queue, str(number)))
    children.hear()
    assert sorted(states(queue).values()) == [State.QUEUED] * 5 + [State.RUNNING]
    assert children.is_silent()


def test_many_who_ask_at_once_for_one_thing_get_one_job(queue: Queue, children: Children) -> None:
    found = at_once(6, lambda _: submit(queue).id)
    assert len(set(found)) == len(queue.by_subject("adaptation")["one"]) == 1
    assert queue.folders.found() == found[:1]


def fill(store: Store, count: int) -> None:
    with store.write() as session:
        for number in range(count):
            row = JobRow(id=str(number), kind="profile", subject="", request={}, state="queued")
            session.add(row)


def test_of_many_who_claim_at_once_one_gets_the_job(queue: Queue, store: Store) -> None:
    fill(store, 3)
    claimed = at_once(6, lambda _: queue.claim(HEAVY))
    assert len([job for job in claimed if job]) == 1


def test_machines_that_claim_at_once_get_different_jobs(store: Store) -> None:
    fill(store, 8)

    def claim(number: int) -> str | None:
        with store.write() as session:
            row = steps.take_next(session, ["profile"], Lease(f"host-{number}", 1, 1.0))
            return row.id if row else None

    assert len({job_id for job_id in at_once(8, claim) if job_id}) == 8


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


def test_a_process_that_cannot_start_fails_its_job_and_frees_the_lane(
    store: Store, settings: Settings, queue: Queue, children: Children
) -> None:
    def start(job: Job, folder: Path) -> Lease:
        return process.start(job, folder, ["/no/such/python"])

    failed = submit(Queue(store, settings, start))
    assert failed.state == State.FAILED
    assert "could not be started" in failed.message
    assert submit(queue).state == State.RUNNING


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
