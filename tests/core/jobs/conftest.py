"""Queues whose processes are stand-ins."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.jobs import Queue
from core.records.store import Store
from core.settings import Settings
from tests.core.jobs.children import Children

MakeQueue = Callable[..., Queue]


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Stand-ins for the processes of jobs."""
    made = Children(tmp_path)
    yield made
    made.close()


@pytest.fixture
def queue_of(store: Store, settings: Settings, children: Children) -> MakeQueue:
    """Makes a queue whose children are of a kind."""
    return lambda kind="wait": Queue(store, settings, children.start(kind))


@pytest.fixture
def queue(queue_of: MakeQueue) -> Queue:
    """A queue whose children wait until they are killed."""
    return queue_of()
