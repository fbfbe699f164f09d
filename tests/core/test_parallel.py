"""Work in threads: in order, bounded, and let go when nobody reads on."""

import threading

import pytest

from core import parallel
from core.parallel import chunks, map_ahead, map_all


def test_work_ahead_is_bounded_and_in_order():
    begun = []
    results = map_ahead(lambda n: begun.append(n) or n * n, range(100), depth=5)
    assert next(results) == 0
    assert len(begun) <= 5
    assert list(results) == [n * n for n in range(1, 100)]


def test_work_ahead_runs_in_threads_and_passes_errors_on():
    [thread] = map_ahead(lambda _: threading.get_ident(), [0])
    assert thread != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        list(map_ahead(lambda n: 1 // n, [0]))


def test_chunks_take_nothing_early():
    taken = []
    parts = chunks((taken.append(n) or n for n in range(5)), 2)
    assert next(parts) == [0, 1]
    assert taken == [0, 1]
    assert list(parts) == [[2, 3], [4]]


@pytest.mark.parametrize(
    ("every_s", "expected"),
    [(0.0, [(done, 120) for done in range(1, 121)]), (3600.0, [(120, 120)])],
)
def test_progress_is_told_by_time_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch, every_s: float, expected: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(parallel, "_TOLD_EVERY_S", every_s)
    told: list[tuple[int, int]] = []
    done = map_all(str, range(120), lambda *step: told.append(step))
    assert (done, told) == ([str(n) for n in range(120)], expected)


def test_who_leaves_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_TOLD_EVERY_S", 0.0)
    begun: list[int] = []

    def leave(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        map_all(begun.append, range(1000), leave)
    assert len(begun) < 1000
