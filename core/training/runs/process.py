"""A training process that outlives the server which started it.

It inherits an open file that is locked (``flock``). The kernel frees that lock when the process is
gone, however it went, so "is it still running" needs no guess from a process number, which may
belong to another process by now.
"""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import RunError
from core.settings import ROOT

LOCK_FILE = "lock"
LOG_FILE = "log.txt"
NICENESS = 10

_children: dict[Path, subprocess.Popen[bytes]] = {}


def spawn(command: Sequence[str], folder: Path) -> int:
    """Starts ``command`` in a session of its own and gives its process number.

    Standard output and error are added to ``log.txt``; niceness keeps the dashboard quick.

    Raises:
        RunError: a process already works in ``folder``.
        OSError: the command cannot be started.
    """
    with held(folder) as lock, (folder / LOG_FILE).open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - no shell, and no user's text in it
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock,),
        )
    _children[folder] = child
    with suppress(OSError):  # it may have ended already
        os.setpriority(os.PRIO_PGRP, child.pid, NICENESS)
        # Linux shares time between sessions first, see sched(7), so the session must be nice too.
        Path(f"/proc/{child.pid}/autogroup").write_text(str(NICENESS))
    return child.pid


@contextmanager
def held(folder: Path) -> Iterator[int]:
    """The lock of ``folder`` as an open file; a child that inherits it keeps it.

    Raises:
        RunError: another process holds it.
    """
    handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, folder)
        yield handle
    finally:
        os.close(handle)


def is_running(folder: Path) -> bool:
    """Whether a process works in ``folder``; to be asked under the queue's lock."""
    try:
        with held(folder):
            return False
    except RunError:
        return True


def exit_code(folder: Path) -> int | None:
    """How the process in ``folder`` ended, if this process started it; negative for a signal.

    Also takes leave of it, so that it does not stay a zombie.
    """
    child = _children.get(folder)
    code = None if child is None else child.poll()
    if code is not None:
        del _children[folder]
    return code


def terminate(pid: int, started: float | None) -> None:
    """Asks a process and its children to end, unless the number went to another one since."""
    if started_at(pid) == started:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)


def started_at(pid: int) -> float | None:
    """Seconds from the machine's start to the process's; None where the system does not tell.

    Source: proc_pid_stat(5), field 22.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()  # the name may hold spaces and brackets
    return int(after_name[19]) / os.sysconf("SC_CLK_TCK")


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RunError(f"Run {folder.name} is still running. Stop it first.") from None
