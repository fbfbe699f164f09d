"""Iterators that keep a network fed: work done a little ahead, and chunks."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

DEPTH = 64


def map_ahead(function: Callable[[A], B], items: Iterable[A], depth: int = DEPTH) -> Iterator[B]:
    """``map`` in threads, in order, never more than ``depth`` results ahead of the reader."""
    pool = ThreadPoolExecutor(os.cpu_count())
    waiting: deque[Future[B]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:  # also when the reader stops early
        pool.shutdown(cancel_futures=True)


def chunks(items: Iterable[A], size: int) -> Iterator[list[A]]:
    """Lists of ``size`` items, the last one shorter; takes no item before it is needed."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk
