"""One process of a training on several devices: ``python -m core.training.loop.rank HANDLE``.

Started by ``core.training.loop.processes``, which talks to it through the connection of that
handle; the environment says which one it is, by LOCAL_RANK and the like, as PyTorch's launchers do.
"""

import os
import sys
import time
import traceback
from multiprocessing.connection import Connection
from threading import Event, Thread

from torch import distributed

from core.errors import BloodCellsError
from core.training.loop.fit import train
from core.training.loop.processes import Failure
from core.training.loop.task import Task


def main(parent: Connection) -> int:
    """Exit code 0 when trained or stopped, 1 on a failure, which the parent is told."""
    try:
        task: Task = parent.recv()
        stop = Event()
        Thread(target=_heed, args=(parent, stop), daemon=True).start()
        for event in train(task, stop.is_set):
            if distributed.get_rank() == 0:
                parent.send(event)
        distributed.destroy_process_group()
    except Exception as error:  # whatever ends this process is told
        told = error
        if not isinstance(error, BloodCellsError | OSError):
            traceback.print_exc()
            told = RuntimeError(f"{type(error).__name__}: {error}")  # others may not be portable
        parent.send(Failure(time.monotonic(), told))
        return 1
    return 0


def _heed(parent: Connection, stop: Event) -> None:
    """Hears that the training shall stop, and ends this process when its parent is gone."""
    try:
        parent.recv()
        stop.set()
        parent.recv()
    except (EOFError, OSError):
        os._exit(1)  # the main thread may wait for a neighbour that is gone, too


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Connection(int(sys.argv[1]))))
