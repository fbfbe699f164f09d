"""A training on several devices: one process each, started, heard and ended from here.

Each runs ``core.training.loop.rank`` and is told by the environment variables of PyTorch which one
it is. All of them end when this process does, whatever ends it.
"""

import math
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import cast

import torch

from core.errors import TrainingError
from core.settings import ROOT, environment_with
from core.training.loop.events import BatchDone, Event
from core.training.loop.task import Task

COMMAND = (sys.executable, "-m", "core.training.loop.rank")
_LINGERS_S = 30  # a process that has said all is given so long to leave its device
_HERE = "127.0.0.1"


@dataclass(frozen=True)
class Failure:
    """Why a process cannot go on.

    Attributes:
        at: ``time.monotonic()``, which all processes of a machine share: where one fails, the
            others soon lose their neighbour, so the first one's error is the cause.
    """

    at: float
    error: Exception


def fit_on_all(task: Task, should_stop: Callable[[], bool]) -> Iterator[Event]:
    """Trains on as many devices as the configuration says; yields what the first process tells.

    Raises:
        TrainingError: there are fewer devices, or a process was killed.
    """
    count = task.config.devices
    _require_devices(count)
    environment = {"MASTER_ADDR": _HERE, "MASTER_PORT": str(_free_port()), "NODE_RANK": "0"}
    with ExitStack() as stack:
        ranks = [
            stack.enter_context(closing(_Rank(number, count, environment)))
            for number in range(count)
        ]
        message = pickle.dumps(task)
        for rank in ranks:
            with suppress(BrokenPipeError):  # it has ended, which is noticed below
                rank.connection.send_bytes(message)
        yield from _heard(ranks, should_stop)


class _Rank:
    """One process as the one that started it sees it."""

    def __init__(self, number: int, count: int, environment: dict[str, str]) -> None:
        self._name = f"Process {number + 1} of {count}"
        self.connection, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - no shell, and no user's text in it
            [*COMMAND, str(theirs.fileno())],
            cwd=ROOT,
            env={**environment_with(), **environment, "LOCAL_RANK": str(number)},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()  # so that the end of the process ends the connection

    def ending(self) -> list[Failure]:
        """How it ended, once its connection has: empty if well."""
        try:
            code = self._process.wait(_LINGERS_S)
        except subprocess.TimeoutExpired:
            return []
        if code < 0:
            error: Exception = TrainingError(
                f"{self._name} was killed (signal {-code}), perhaps for want of memory. What was "
                "trained so far is kept; a smaller batch needs less."
            )
            return [Failure(-math.inf, error)]
        error = RuntimeError(f"{self._name} ended with code {code}; the log says why.")
        return [Failure(math.inf, error)] if code else []

    def close(self) -> None:
        """Ends it, unless it has ended."""
        self.connection.close()
        self._process.kill()
        self._process.wait()


def _heard(ranks: list[_Rank], should_stop: Callable[[], bool]) -> Iterator[Event]:
    """What is told until all have ended; after a failure only what was told before it."""
    living = {rank.connection: rank for rank in ranks}
    failures: list[Failure] = []
    stopping = False
    while living and (ready := wait(living, timeout=0 if failures else None)):
        for connection in cast(list[Connection], ready):
            try:
                told = connection.recv()
            except (EOFError, ConnectionError):
                failures += living.pop(connection).ending()
                continue
            if isinstance(told, Failure):
                failures.append(told)
                continue
            yield told
            if isinstance(told, BatchDone) and not stopping and should_stop():
                stopping = True
                with suppress(BrokenPipeError):  # it has just ended by itself
                    ranks[0].connection.send("stop")
    if failures:
        raise min(failures, key=lambda failure: failure.at).error


def _require_devices(count: int) -> None:
    if torch.cuda.is_available() and torch.cuda.device_count() < count:
        raise TrainingError(
            f"This machine has {torch.cuda.device_count()} GPUs, not {count}. Set devices to that."
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        port: int = probe.getsockname()[1]
    return port
