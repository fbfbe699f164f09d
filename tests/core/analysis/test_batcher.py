"""Requests share batches, none waits for a batch to fill, and who leaves frees a place."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from core.analysis.batcher import Batcher
from core.errors import BusyError


class Doubling:
    """Work that waits until it is told, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)

    def __call__(self, items: list[int]) -> Sequence[int]:
        self.batches.append(items)
        self.begun.release()
        assert self.go.wait(30)
        return [2 * item for item in items]


async def busy(work: Doubling, batcher: Batcher[int, int]) -> list[asyncio.Task[int]]:
    """A request that keeps the worker busy."""
    first = asyncio.create_task(batcher.submit(1))
    await asyncio.to_thread(work.begun.acquire)
    return [first]


def test_a_single_request_is_predicted_alone() -> None:
    async def run() -> None:
        work = Doubling()
        work.go.set()
        async with Batcher(work) as batcher:
            assert await batcher.submit(21) == 42
        assert work.batches == [[21]]

    asyncio.run(run())


def test_what_arrives_meanwhile_shares_batches_in_order() -> None:
    async def run() -> None:
        work = Doubling()
        async with Batcher(work, batch=4) as batcher:
            tasks = await busy(work, batcher)
            tasks += [asyncio.create_task(batcher.submit(n)) for n in range(10, 16)]
            await asyncio.sleep(0)
            assert batcher.waiting == 6
            work.go.set()
            assert await asyncio.gather(*tasks) == [2, 20, 22, 24, 26, 28, 30]
        assert work.batches == [[1], [10, 11, 12, 13], [14, 15]]

    asyncio.run(run())


def test_a_full_queue_turns_away() -> None:
    async def run() -> None:
        work = Doubling()
        async with Batcher(work, most_waiting=2) as batcher:
            tasks = await busy(work, batcher)
            tasks.append(asyncio.create_task(batcher.submit(3)))
            await asyncio.sleep(0)
            with pytest.raises(BusyError, match="Try again"):
                await batcher.submit(4)
            work.go.set()
            assert await asyncio.gather(*tasks) == [2, 6]

    asyncio.run(run())


def test_who_leaves_frees_a_place_and_is_not_worked_for() -> None:
    async def run() -> None:
        work = Doubling()
        async with Batcher(work, most_waiting=2) as batcher:
            tasks = await busy(work, batcher)
            leaver = asyncio.create_task(batcher.submit(3))
            await asyncio.sleep(0)
            leaver.cancel()
            await asyncio.sleep(0)
            assert batcher.waiting == 0
            tasks.append(asyncio.create_task(batcher.submit(4)))
            work.go.set()
            assert await asyncio.gather(*tasks) == [2, 8]
        assert [3] not in work.batches

    asyncio.run(run())


def test_a_request_of_many_is_turned_away_whole_or_not_at_all() -> None:
    async def run() -> None:
        work = Doubling()
        async with Batcher(work, most_waiting=3) as batcher:
            tasks = await busy(work, batcher)
            with pytest.raises(BusyError), batcher.reserve(3):
                pass
            with batcher.reserve(2) as submit:
                with pytest.raises(BusyError):  # the places are kept, though nobody is in them yet
                    await batcher.submit(9)
                tasks += [asyncio.create_task(submit(n)) for n in (3, 4)]
                await asyncio.sleep(0)
                work.go.set()
                assert await asyncio.gather(*tasks) == [2, 6, 8]
            with batcher.reserve(3):
                pass

    asyncio.run(run())


def test_what_the_work_raises_reaches_who_asked_and_nobody_else() -> None:
    def work(items: list[int]) -> list[int]:
        if 0 in items:
            raise ZeroDivisionError
        return [1 // item for item in items]

    async def run() -> None:
        async with Batcher(work, batch=1) as batcher:
            good, bad = await asyncio.gather(
                batcher.submit(1), batcher.submit(0), return_exceptions=True
            )
            assert good == 1
            assert isinstance(bad, ZeroDivisionError)
            assert await batcher.submit(1) == 1

    asyncio.run(run())


def test_closing_leaves_nobody_waiting() -> None:
    async def run() -> None:
        work = Doubling()
        async with Batcher(work) as batcher:
            tasks = await busy(work, batcher)
            tasks.append(asyncio.create_task(batcher.submit(3)))
            await asyncio.sleep(0)
            work.go.set()
        _, pending = await asyncio.wait(tasks, timeout=5)
        assert not pending

    asyncio.run(run())
