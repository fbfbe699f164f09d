"""A training process that outlives the server which started it.

It inherits an open file that is locked (``flock``). The kernel frees that lock when the process is
gone, however it went, so "is it still running" needs no guess from a process number, which may
have been given to another process since.
"""

import fcntl
import os
import signal
import subprocess
from collections.abc import Sequence
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
    lock = _lock(folder)
    try:
        with (folder / LOG_FILE).open("ab") as log:
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock,),
            )
    finally:
        os.close(lock)
    _children[folder] = child
    _be_nice(child.pid)
    return child.pid


def hold(folder: Path) -> None:
    """Marks this process as the one that works in ``folder``, until it ends.

    Raises:
        RunError: another one already does.
    """
    _lock(folder)


def is_running(folder: Path) -> bool:
    """Whether a process works in ``folder``. Hold the queue's lock around it."""
    try:
        handle = os.open(folder / LOCK_FILE, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def exit_code(folder: Path) -> int | None:
    """How the process in ``folder`` ended, where this process started it; negative for a signal."""
    child = _children.get(folder)
    return None if child is None else child.poll()


def reap() -> None:
    """Takes leave of children that ended, so that none stays a zombie."""
    for folder in [f for f, child in _children.items() if child.poll() is not None]:
        del _children[folder]


def terminate(pid: int, pid_started: float | None) -> None:
    """Asks the process and its children to end, unless the number now belongs to another one."""
    if started_at(pid) == pid_started:
        try:
            os.killpg(pid, signal.SIGTERM)
        except ProcessLookupError:
            return


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


def _lock(folder: Path) -> int:
    handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RunError(f"Run {folder.name} is already running. Stop it first.") from None
    return handle


def _be_nice(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PGRP, pid, NICENESS)
    except OSError:
        return  # it ended already
