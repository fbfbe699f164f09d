"""What is logged comes back as it was; a batch whole or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.errors import LogFailedError, RecordError
from core.prediction import CellRef, Status
from core.records.readings import NewReading
from core.records.store import Store
from core.records.tables import ReadingRow, UtcDateTime

Person = Callable[[str], int]


def count(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(ReadingRow)) or 0


def test_a_reading_comes_back_as_it_was_logged(
    store: Store, make_reading: Callable[..., NewReading], person: Person
) -> None:
    reading = make_reading(person("ann"), b"image", 0.25, profile="there", profile_hash="ef" * 32)
    (reading_id,) = store.log([reading], source="api")
    found = store.reading(reading_id)
    assert found.prediction == reading.prediction
    assert (found.thumbnail, found.um_per_px) == (b"image", 0.25)
    assert (found.by, found.source, found.person_label, found.labels) == ("ann", "api", None, ())
    assert found.at.tzinfo is UTC
    assert abs(datetime.now(UTC) - found.at) < timedelta(minutes=1)


def test_ids_come_in_the_order_of_the_readings(store: Store, make_reading: Any) -> None:
    names = [f"{i}.jpg" for i in range(40)]
    ids = store.log([make_reading(cell=CellRef("ab", name)) for name in names])
    assert [store.reading(i).prediction.cell for i in ids] == [CellRef("ab", n) for n in names]


def test_what_is_referred_comes_back_as_such(store: Store, log: Callable[..., int]) -> None:
    assert store.reading(log(status=Status.REFERRED)).prediction.status is Status.REFERRED


def test_a_batch_is_logged_whole_or_not_at_all(store: Store, make_reading: Any) -> None:
    with pytest.raises(LogFailedError, match="not logged"):
        store.log([make_reading(), make_reading(label=None)])
    assert count(store) == 0


def test_nobody_logs_under_an_account_that_does_not_exist(store: Store, make_reading: Any) -> None:
    with pytest.raises(LogFailedError):
        store.log([make_reading(account_id=99)])


def test_a_reading_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(RecordError, match="no reading 7"):
        store.reading(7)


def test_many_threads_log_at_once(store: Store, make_reading: Any) -> None:
    batch = [make_reading()] * 5
    with ThreadPoolExecutor(8) as threads:
        logged = list(threads.map(lambda _: store.log(batch), range(24)))
    assert len({i for ids in logged for i in ids}) == count(store) == 120


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)
