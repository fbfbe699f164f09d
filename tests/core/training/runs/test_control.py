import errno
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from threading import Barrier

import pytest

from core.errors import RunError
from core.settings import Settings
from core.training import runs
from core.training.config import TrainConfig
from core.training.runs import process
from core.training.runs.queue import at_work
from core.training.runs.state import RunState, Status, queue_lock, read_state, write_state
from tests.conftest import Logged
from tests.core.training.conftest import Children, has_ended

CONFIG = TrainConfig(data_dir="cells", epochs=3)
DONE = '{"event": "finish", "reason": "done", "best_epoch": 1, "best_accuracy": 0.5}\n'


def start(settings: Settings, children: Children, kind: str = "wait") -> runs.Run:
    return runs.start(CONFIG, settings, "ada", children.command(kind))


def kill(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    os.kill(pid, how)
    assert has_ended(pid)


def statuses(settings: Settings) -> dict[str, Status]:
    # Whoever starts a run holds the lock until its state says so; the child may speak sooner.
    with queue_lock(settings.runs_dir):
        return {run.id: run.status for run in runs.list_runs(settings)}


def test_a_run_is_a_process_of_its_own(settings: Settings, children: Children) -> None:
    run = start(settings, children)
    run_id, pid = children.hear()
    assert (run.id, run.state.pid, run.status) == (run_id, pid, Status.RUNNING)
    assert (run.config, run.state.by) == (CONFIG, "ada")
    assert os.getsid(pid) == pid != os.getsid(0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == process.NICENESS
    assert Path(f"/proc/{pid}/fd/0").readlink() == Path(os.devnull)
    assert Path(f"/proc/{pid}/fd/1").readlink() == run.folder / process.LOG_FILE


def test_a_second_run_waits_and_follows_when_the_first_is_killed(
    settings: Settings, children: Children
) -> None:
    first, second = start(settings, children), start(settings, children)
    _, pid = children.hear()
    assert (first.status, second.status) == (Status.RUNNING, Status.QUEUED)
    kill(pid)
    runs.reconcile(settings, children.command())
    assert children.hear()[0] == second.id
    assert statuses(settings) == {first.id: Status.STOPPED, second.id: Status.RUNNING}
    assert "resume goes on from the last whole epoch" in read_state(first.folder).message


def test_a_finishing_process_starts_the_next_itself(settings: Settings, children: Children) -> None:
    first = start(settings, children, "work")
    children.hear()
    second = start(settings, children)
    children.tell(DONE)
    assert children.hear()[0] == second.id
    assert statuses(settings) == {first.id: Status.FINISHED, second.id: Status.RUNNING}


def test_a_run_survives_the_server(settings: Settings, children: Children) -> None:
    run = start(settings, children)
    children.hear()
    forgotten = process._children.pop(run.folder)  # as in a server that has just started
    runs.reconcile(settings, children.command())
    assert runs.find_run(run.id, settings).status == Status.RUNNING
    process._children[run.folder] = forgotten


def test_a_process_number_given_to_another_process_does_not_count(
    settings: Settings, children: Children
) -> None:
    run = start(settings, children)
    _, pid = children.hear()
    kill(pid)
    write_state(run.folder, replace(run.state, pid=os.getpid(), pid_started=0.0))
    runs.reconcile(settings, children.command())
    assert runs.find_run(run.id, settings).status == Status.STOPPED


@pytest.mark.parametrize(("same", "code"), [(False, 0), (True, -signal.SIGTERM)])
def test_terminate_spares_a_process_that_started_at_another_time(same: bool, code: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )

    process.terminate(child.pid, process.started_at(child.pid) if same else -1.0)

    child.communicate(b"\n")  # lets the spared one end by itself
    assert child.returncode == code


def test_many_starters_at_once_start_one_process(settings: Settings, children: Children) -> None:
    barrier = Barrier(6)

    def begin(_: int) -> str:
        barrier.wait()
        return start(settings, children).id

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(begin, range(6)))
    assert len(set(ids)) == 6
    children.hear()
    assert sorted(statuses(settings).values()) == [Status.QUEUED] * 5 + [Status.RUNNING]
    assert children.is_silent()


def test_stop_asks_then_ends_the_process_then_resume_goes_on(
    settings: Settings, children: Children
) -> None:
    run = start(settings, children)
    _, pid = children.hear()
    runs.stop(run.id, settings)
    assert (run.folder / "stop").exists()
    assert runs.find_run(run.id, settings).is_stopping
    runs.stop(run.id, settings, at_once=True)
    assert has_ended(pid)
    runs.reconcile(settings, children.command())
    stopped = runs.find_run(run.id, settings)
    assert (stopped.status, stopped.is_stopping) == (Status.STOPPED, False)
    assert stopped.state.message.startswith("Stopped on request")
    assert runs.resume(run.id, settings, children.command()).status == Status.RUNNING
    assert children.hear()[0] == run.id
    assert not (run.folder / "stop").exists()


def test_a_resumed_run_goes_to_the_end_of_the_queue(settings: Settings, children: Children) -> None:
    _, second, third = (start(settings, children) for _ in range(3))
    _, pid = children.hear()
    runs.stop(second.id, settings)
    runs.resume(second.id, settings, children.command())
    kill(pid)
    runs.reconcile(settings, children.command())
    assert children.hear()[0] == third.id


def test_a_queued_run_leaves_the_queue(settings: Settings, children: Children) -> None:
    start(settings, children)
    waiting = start(settings, children)
    runs.stop(waiting.id, settings)
    assert runs.find_run(waiting.id, settings).status == Status.STOPPED
    with pytest.raises(RunError, match="stopped already"):
        runs.stop(waiting.id, settings)


def test_only_a_stopped_or_failed_run_resumes(settings: Settings, children: Children) -> None:
    run = start(settings, children)
    with pytest.raises(RunError, match="is running"):
        runs.resume(run.id, settings, children.command())


def test_delete_spares_a_running_run(settings: Settings, children: Children) -> None:
    run = start(settings, children)
    _, pid = children.hear()
    with pytest.raises(RunError, match="Stop it first"):
        runs.delete(run.id, settings)
    kill(pid)
    runs.delete(run.id, settings)
    assert runs.list_runs(settings) == []
    assert not any(path.is_dir() for path in settings.runs_dir.iterdir())


@pytest.mark.parametrize("run_id", ["none", "..", ".", "", "../state"])
def test_an_unknown_run_is_refused(settings: Settings, run_id: str) -> None:
    settings.runs_dir.mkdir(parents=True)
    with pytest.raises(RunError, match="no run"):
        runs.delete(run_id, settings)


def test_an_exit_code_is_a_failure_with_a_way_to_the_reason(
    settings: Settings, children: Children, logged: Logged
) -> None:
    run = start(settings, children, "exit")
    assert has_ended(children.hear()[1])
    runs.reconcile(settings, children.command())
    failed = runs.find_run(run.id, settings)
    assert failed.status == Status.FAILED
    assert "code 3" in failed.state.message
    (line,) = logged()
    assert (line["event"], line["level"], line["run"]) == ("run_ended", "error", run.id)


def test_what_the_process_said_last_decides_if_it_died_before_noting_it(
    settings: Settings, children: Children
) -> None:
    run = start(settings, children)
    _, pid = children.hear()
    (run.folder / "metrics.jsonl").write_text(DONE)
    kill(pid)
    runs.reconcile(settings, children.command())
    assert runs.find_run(run.id, settings).status == Status.FINISHED


def test_a_command_that_cannot_start_fails_and_frees_the_queue(
    settings: Settings, children: Children
) -> None:
    with pytest.raises(RunError, match="could not be started"):
        runs.start(CONFIG, settings, "ada", ["/no/such/python"])
    assert list(statuses(settings).values()) == [Status.FAILED]
    assert start(settings, children).status == Status.RUNNING


def test_a_full_disk_leaves_no_half_of_a_run(
    settings: Settings, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"No space left.*Free some space"):
        start(settings, children)
    assert not any(path.is_dir() for path in settings.runs_dir.iterdir())


def test_a_folder_that_cannot_be_made_says_how_to_mend(
    settings: Settings, children: Children
) -> None:
    settings.state_dir.write_text("a file where a folder should be")
    with pytest.raises(RunError, match="BLOODCELLS_STATE_DIR"):
        start(settings, children)


def test_a_damaged_run_is_told_of_and_holds_up_nothing(
    settings: Settings, children: Children
) -> None:
    broken = settings.runs_dir / "broken"
    broken.mkdir(parents=True)
    (broken / "state.json").write_text('{"status": "run')
    run = start(settings, children)
    assert [found.id for found in runs.list_runs(settings)] == [run.id]
    assert "broken" in runs.damaged_runs(settings)[0]
    runs.delete("broken", settings)
    assert runs.damaged_runs(settings) == []


def by_hand(settings: Settings) -> Path:
    folder = settings.runs_dir / "by-hand"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(CONFIG.to_json())
    state = RunState(Status.STOPPED, created="2026-01-01T00:00:00+00:00")
    (folder / "state.json").write_text(json.dumps(asdict(state)))
    return folder


def test_work_begun_by_hand_is_seen_and_not_begun_twice(settings: Settings) -> None:
    folder = by_hand(settings)
    with at_work(folder):
        runs.reconcile(settings, [sys.executable, "-c", ""])
        assert read_state(folder).status == Status.RUNNING
        write_state(folder, replace(read_state(folder), pid=1))
        with pytest.raises(RunError, match="still running"), at_work(folder):
            pass
    assert read_state(folder).status == Status.STOPPED


def test_an_exception_is_the_reason_of_the_failure(settings: Settings) -> None:
    folder = by_hand(settings)
    with pytest.raises(MemoryError), at_work(folder):
        raise MemoryError("out of memory")
    assert read_state(folder).status == Status.FAILED
    assert read_state(folder).message == "MemoryError: out of memory"
