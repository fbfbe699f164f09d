"""Jobs as processes of this machine: started, recognised, ended, their exit codes kept.

A process outlives the server that started it. Who it is are its number and when it started,
for the number may belong to another process by now.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread, Timer

from core.jobs.job import Job, Lease
from core.logs import log
from core.settings import ROOT, environment_with
from core.work import LOG_FILE

COMMAND = (sys.executable, "-m", "core.jobs")
NICENESS = 10
GRACE_S = 10.0  # for a process that is told to end; one that hangs in native code hears nothing
# glibc otherwise gives each large array's memory back and asks for it anew, which takes a third
# of a training step's time. An image of musl or another system ignores it.
KEPT_MEMORY = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184"
_LOG_BYTES = 4000
_KEPT = 100  # children whose exit codes are known; far more than end between two sweeps

_children: dict[Lease, tuple[subprocess.Popen[bytes], Thread]] = {}


def start(job: Job, folder: Path, command: Sequence[str] = COMMAND) -> Lease:
    """Starts the job's process in a session of its own; its output goes to the log in ``folder``.

    Niceness keeps the dashboard quick.

    Raises:
        OSError: the command cannot be started.
    """
    with (folder / LOG_FILE).open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - no shell, and no user's text in it
            [*command, job.id],
            cwd=ROOT,
            env=environment_with(GLIBC_TUNABLES=KEPT_MEMORY),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    lease = Lease(own_lease().host, child.pid, started_at(child.pid))
    with suppress(OSError):  # it may have ended already
        os.setpriority(os.PRIO_PGRP, child.pid, NICENESS)
        # Linux shares time between sessions first, see sched(7), so the session must be nice too.
        Path(f"/proc/{child.pid}/autogroup").write_text(str(NICENESS))
    # Somebody has to wait for a child's end, or it stays in the table of processes for ever.
    waiting = Thread(target=_wait, args=(child, job), daemon=True)
    for older in list(_children)[: -_KEPT + 1]:
        if is_gone(older):
            _children.pop(older, None)
    _children[lease] = child, waiting
    waiting.start()
    return lease


def _wait(child: subprocess.Popen[bytes], job: Job) -> None:
    code = child.wait()
    tell = log.info if code == 0 else log.error
    tell("job_process_ended", job=job.id, kind=job.kind, code=code)


def go_on_as(job: Job, folder: Path, command: Sequence[str] = COMMAND) -> None:
    """Makes this process, whose job has ended, that of the next one; never returns.

    A child of its own would have no parent to wait for its end.

    Raises:
        OSError: the command cannot be started.
    """
    sys.stdout.flush()
    with (folder / LOG_FILE).open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.execv(command[0], [*command, job.id])  # noqa: S606 - no shell, and no user's text in it


def own_lease(pid: int | None = None) -> Lease:
    """This process, or another one of this machine, as who works on a job."""
    number = os.getpid() if pid is None else pid
    return Lease(socket.gethostname(), number, started_at(number))


def is_gone(lease: Lease) -> bool:
    """Whether a process of this machine has ended; one that nobody waited for yet has, too."""
    return lease.pid_start is None or started_at(lease.pid) != lease.pid_start


def exit_code(lease: Lease) -> int | None:
    """How a process ended that this one started, negative for a signal; None where unknown."""
    if lease not in _children or not is_gone(lease):
        return None
    child, waiting = _children[lease]
    waiting.join()
    return child.returncode


def terminate(lease: Lease) -> None:
    """Asks a process of this machine and its children to end; after ``GRACE_S`` it is killed."""
    _send(lease, signal.SIGTERM)
    killing = Timer(GRACE_S, _send, (lease, signal.SIGKILL))
    killing.daemon = True  # where the server ends first, the next one can be asked again
    killing.start()


def _send(lease: Lease, signal_: signal.Signals) -> None:
    if not is_gone(lease):
        with suppress(ProcessLookupError):
            group = os.getpgid(lease.pid)
            send = os.killpg if group == lease.pid else os.kill
            send(lease.pid, signal_)


def started_at(pid: int) -> float | None:
    """Seconds from the machine's start to the process's; None where there is no living one.

    Source: proc_pid_stat(5), fields 3 and 22.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()  # the name may hold spaces and brackets
    if after_name[0] in "ZX":  # ended, but not waited for
        return None
    return int(after_name[19]) / os.sysconf("SC_CLK_TCK")


def log_tail(folder: Path) -> str:
    """The end of what the process in ``folder`` wrote; "" where it wrote nothing."""
    try:
        with (folder / LOG_FILE).open("rb") as file:
            file.seek(max(0, (folder / LOG_FILE).stat().st_size - _LOG_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
