"""Requests that come at the same time share a batch; nobody waits for one to fill.

async with Batcher(work, batch=16, most_waiting=256) as batcher:
    result = await batcher.submit(item)
    with batcher.reserve(2) as submit:  # a request of many is turned away whole, or not at all
        both = await asyncio.gather(submit(one), submit(other))

While one batch is worked on, what arrives gathers into the next. A single request therefore runs
at once and alone, and under load the batches grow by themselves.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, Self, TypeVar

from core.errors import BusyError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Works items off in batches, one batch at a time, in a thread of its own.

    A second thread was slower: batches were half as large, and the network uses all cores anyway.

    Args:
        work: one result an item, in order; what it raises, every item of the batch gets.
        batch: items a call at most.
        most_waiting: places; an item has one until its result is there, and who finds none is
            turned away.
    """

    def __init__(
        self,
        work: Callable[[list[Item]], Sequence[Result]],
        *,
        batch: int = 16,
        most_waiting: int = 256,
    ) -> None:
        self._work, self._batch, self._most = work, batch, most_waiting
        self._reserved = 0
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "batch")
        self._worker: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Items that no worker has taken yet."""
        return len(self._waiting)

    async def __aenter__(self) -> Self:
        self._worker = asyncio.create_task(self._serve())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._worker:
            self._worker.cancel()
            await asyncio.wait({self._worker})
        while self._waiting:
            self._waiting.popleft()[1].cancel()
        self._thread.shutdown()

    async def submit(self, item: Item) -> Result:
        """The result of an item. Cancelling it before a worker took it frees its place.

        Raises:
            BusyError: too many wait already.
        """
        with self.reserve(1) as submit:
            return await submit(item)

    @contextmanager
    def reserve(self, places: int) -> Iterator[Callable[[Item], Awaitable[Result]]]:
        """Keeps so many places; gives what submits an item into one of them, and never refuses.

        Raises:
            BusyError: not so many are free.
        """
        if self._reserved + places > self._most:
            raise BusyError("Too many images wait for a prediction. Try again in a moment.")
        self._reserved += places
        try:
            yield self._submit
        finally:
            self._reserved -= places

    async def _submit(self, item: Item) -> Result:
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        entry = (item, result)
        self._waiting.append(entry)
        self._arrived.set()
        try:
            return await result
        except asyncio.CancelledError:
            if entry in self._waiting:
                self._waiting.remove(entry)
            raise

    async def _serve(self) -> None:
        while True:
            await self._arrived.wait()
            taken = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
            if not self._waiting:
                self._arrived.clear()
            if taken:  # whoever asked may have left
                await self._work_off(taken)

    async def _work_off(self, taken: list[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._thread, self._work, [item for item, _ in taken]
            )
        except asyncio.CancelledError:
            for _, result in taken:
                result.cancel()
            raise
        except Exception as error:
            for _, result in taken:
                if not result.done():
                    result.set_exception(error)
            return
        for (_, result), one in zip(taken, found, strict=True):
            if not result.done():  # whoever asked may have left
                result.set_result(one)
