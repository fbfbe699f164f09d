"""One function over many items on all cores, in order.

Threads, not processes: decoding and hashing release the interpreter, and a process pool would run
a Streamlit page again in each of its children.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")
Progress = Callable[[int, int], None]

DEPTH = 64
_TOLD_EVERY_S = 0.5


def map_ahead(work: Callable[[A], B], items: Iterable[A], depth: int = DEPTH) -> Iterator[B]:
    """``work`` of each item, never more than ``depth`` results ahead of the reader.

    Where the reader stops early, what has not begun is dropped.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    waiting: deque[Future[B]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def map_all(
    work: Callable[[A], B], items: Sequence[A], progress: Progress | None = None
) -> list[B]:
    """``work`` of each item, all at once.

    Args:
        progress: called in this thread with items done and items in all, about twice a second.
            Where it raises, as it does when somebody leaves the page, what has not begun is
            dropped.
    """
    results: list[B] = []
    told_at = time.monotonic()
    for result in map_ahead(work, items):
        results.append(result)
        is_due = time.monotonic() - told_at >= _TOLD_EVERY_S or len(results) == len(items)
        if progress and is_due:
            progress(len(results), len(items))
            told_at = time.monotonic()
    return results


def chunks(items: Iterable[A], size: int) -> Iterator[list[A]]:
    """Lists of ``size`` items, the last one shorter; takes no item before it is needed."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk
