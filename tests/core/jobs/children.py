"""Stand-ins for the process of a job, told through pipes what to do."""

import os
import select
import signal
import sys
from functools import partial
from pathlib import Path

from core.jobs import Queue, process
from core.jobs.queue import Start
from core.records.store import Store
from core.settings import Settings

TIMEOUT_S = 30
CHILD = """
import os, signal, sys, types
from dataclasses import replace
kind, pipe, go, job = sys.argv[1:]
def say():
    with open(pipe, "w") as said:
        said.write(f"{job} {os.getpid()}\\n")
def work(request, context):
    say()
    with open(go) as told:
        return {"told": told.read()}
if kind == "work":
    from core.jobs import kinds
    from core.jobs.__main__ import main
    stand_in = sys.modules["stand_in"] = types.ModuleType("stand_in")
    stand_in.work = work
    for name, known in kinds.KINDS.items():
        kinds.KINDS[name] = replace(known, module="stand_in")
    sys.exit(main(job, [*sys.orig_argv[:3], "wait", pipe, go]))
if kind == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
say()
if kind == "exit":
    print("no such thing")
    sys.exit(3)
signal.pause()
"""


class Children:
    """Starters of children that wait, and the two pipes to them."""

    def __init__(self, folder: Path) -> None:
        self.pids: list[int] = []
        self._said, self._go = folder / "said", folder / "go"
        os.mkfifo(self._said)
        os.mkfifo(self._go)
        # Open for both ways, so that nobody waits for the other end.
        self._ear = os.open(self._said, os.O_RDWR)

    def start(self, kind: str = "wait") -> Start:
        """Kinds: "wait" until killed, "deaf" to SIGTERM, "exit" with code 3, "work" until told."""
        command = [sys.executable, "-c", CHILD, kind, str(self._said), str(self._go)]
        return partial(process.start, command=command)

    def hear(self) -> tuple[str, int]:
        """Job id and process number of the next child that began."""
        assert select.select([self._ear], [], [], TIMEOUT_S)[0], "no child began"
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self._ear, 1)
        job_id, pid = line.decode().split()
        self.pids.append(int(pid))
        return job_id, int(pid)

    def is_silent(self) -> bool:
        """Whether no further child has begun."""
        return not select.select([self._ear], [], [], 0)[0]

    def tell(self, text: str) -> None:
        """Lets a child of the kind "work" finish; ``text`` is its outcome."""
        self._go.write_text(text)

    def close(self) -> None:
        for child, waiting in process._children.values():
            child.kill()
            waiting.join(TIMEOUT_S)
        process._children.clear()
        for pid in self.pids:
            if not has_ended(pid, 0):
                os.kill(pid, signal.SIGKILL)
        os.close(self._ear)


def idle_queue(store: Store, settings: Settings) -> Queue:
    """A queue that begins nothing by itself: its jobs wait until a test does them."""
    queue = Queue(store, settings)
    queue.claim = lambda _: None  # type: ignore[method-assign]
    return queue


def has_ended(pid: int, timeout_s: float = TIMEOUT_S) -> bool:
    """Waits for any process, child or not, to end."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], timeout_s)[0])
    finally:
        os.close(handle)


def kill(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Ends a child and waits for its end."""
    os.kill(pid, how)
    assert has_ended(pid)
