"""One function over many items on all cores, with progress."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, int], None]

_EVERY = 50


def map_all(
    work: Callable[[Item], Result], items: Sequence[Item], progress: Progress | None = None
) -> list[Result]:
    """``work`` of each item, in order.

    Threads, not processes: decoding and hashing release the interpreter, and a process pool
    would run a Streamlit page again in each of its children. If ``progress`` raises, as it
    does when somebody leaves the page, what has not begun is dropped.

    Args:
        progress: called in this thread with items done and items in all.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    results: list[Result] = []
    try:
        for result in pool.map(work, items):
            results.append(result)
            if progress is not None and (len(results) % _EVERY == 0 or len(results) == len(items)):
                progress(len(results), len(items))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return results
