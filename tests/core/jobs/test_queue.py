"""Jobs are begun one at a time in each lane, whoever asks at once."""

import os
import stat
from pathlib import Path

from core.access.accounts import Role
from core.jobs import Job, Lease, Queue, State, process, steps
from core.jobs.kinds import HEAVY
from core.records.store import Store
from core.records.tables import JobRow
from core.settings import Settings
from core.work import LOG_FILE
from tests.core.jobs.asked import CELLS, states, submit
from tests.core.jobs.children import Children
from tests.threads import at_once


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


def test_a_process_that_cannot_start_fails_its_job_and_frees_the_lane(
    store: Store, settings: Settings, queue: Queue, children: Children
) -> None:
    def start(job: Job, folder: Path) -> Lease:
        return process.start(job, folder, ["/no/such/python"])

    failed = submit(Queue(store, settings, start))
    assert failed.state == State.FAILED
    assert "could not be started" in failed.message
    assert submit(queue).state == State.RUNNING
