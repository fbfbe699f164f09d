"""Stand-ins for a training process, told through pipes what to do."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.training.runs import process

TIMEOUT_S = 30
CHILD = """
import os, signal, sys
from pathlib import Path
kind, pipe, go, folder = sys.argv[1:]
def work():
    with open(pipe, "w") as said:
        said.write(f"{Path(folder).name} {os.getpid()}\\n")
    if kind == "exit":
        sys.exit(3)
    if kind == "wait":
        signal.pause()
    with open(go) as told:
        Path(folder, "metrics.jsonl").write_text(told.read())
if kind == "work":
    from core.training.runs.queue import at_work
    with at_work(Path(folder), [*sys.orig_argv[:3], "wait", pipe, go]):
        work()
else:
    work()
"""


class Children:
    """Commands for children that wait, and the two pipes to them."""

    def __init__(self, folder: Path) -> None:
        self.pids: list[int] = []
        self._said, self._go = folder / "said", folder / "go"
        os.mkfifo(self._said)
        os.mkfifo(self._go)
        # Open for both ways, so that nobody waits for the other end.
        self._ear = os.open(self._said, os.O_RDWR)

    def command(self, kind: str = "wait") -> list[str]:
        """Kinds: "wait" until killed, "exit" with code 3, "work" until told to finish."""
        return [sys.executable, "-c", CHILD, kind, str(self._said), str(self._go)]

    def hear(self) -> tuple[str, int]:
        """Run id and process number of the next child that began."""
        assert select.select([self._ear], [], [], TIMEOUT_S)[0], "no child began"
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(self._ear, 1)
        run_id, pid = line.decode().split()
        self.pids.append(int(pid))
        return run_id, int(pid)

    def is_silent(self) -> bool:
        """Whether no further child has begun."""
        return not select.select([self._ear], [], [], 0)[0]

    def tell(self, text: str) -> None:
        """Lets a child of the kind "work" write these metrics and finish."""
        self._go.write_text(text)

    def close(self) -> None:
        for child in process._children.values():
            child.kill()
            child.wait(TIMEOUT_S)
        process._children.clear()
        for pid in self.pids:
            if not has_ended(pid, 0):
                os.kill(pid, signal.SIGKILL)
        os.close(self._ear)


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


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Commands that stand in for the training process."""
    made = Children(tmp_path)
    yield made
    made.close()
