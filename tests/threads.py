"""Many threads that do one thing at the same moment, as a server's do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(threads: int, deed: Callable[[int], T]) -> list[T]:
    """What ``deed`` gives to each thread by its number; all begin together.

    Raises:
        Exception: the first that a thread raised.
    """
    gate = Barrier(threads)

    def begin(number: int) -> T:
        gate.wait()
        return deed(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))
