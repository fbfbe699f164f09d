"""Pages and single readings, with each viewer's rule inside the query."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.errors import RecordError
from core.records.history import rows as history_rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store

ALL = HistoryFilter()
START = datetime(2026, 3, 1, tzinfo=UTC)
Person = Callable[[str], int]


def test_pages_hold_each_reading_once_newest_first(store: Store, log: Any, person: Person) -> None:
    ann = person("ann")
    ids = [log(ann, START + timedelta(minutes=i // 2)) for i in range(11)]  # two at a time
    viewer = Viewer("clinician", ann)
    pages = [history_rows.newest(store, viewer, ALL, page=p, per_page=4) for p in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [4, 4, 3, 0]
    assert [reading.id for page in pages for reading in page] == ids[::-1]


def test_a_clinician_opens_his_own_readings_only(store: Store, log: Any, person: Person) -> None:
    ann, bob = person("ann"), person("bob")
    mine, theirs = log(ann), log(bob)
    viewer = Viewer("clinician", ann)
    assert history_rows.reading(store, viewer, mine).by == "ann"
    with pytest.raises(RecordError, match=f"no reading {theirs}"):
        history_rows.reading(store, viewer, theirs)
    assert [found.id for found in history_rows.newest(store, viewer, ALL)] == [mine]


def test_no_name_leaves_the_database_for_a_scientist(
    store: Store, log: Any, person: Person, label: Any, statements: list[str]
) -> None:
    ann = person("ann")
    reading_id = log(ann)
    label(reading_id, ann, "ig")
    statements.clear()
    viewer = Viewer("scientist", person("bob"))
    statements.clear()
    (found,) = history_rows.newest(store, viewer, ALL)
    assert (found.by, found.labels[0].by, found.labels[0].label) == (None, None, "ig")
    assert history_rows.reading(store, viewer, reading_id) == found
    assert statements
    assert not [asked for asked in statements if "accounts" in asked]


def test_until_the_last_day_that_there_is(store: Store, log: Any) -> None:
    log(at=START)
    viewer = Viewer("admin", 1)
    assert len(history_rows.newest(store, viewer, HistoryFilter(until=date.max))) == 1
    last_moment = HistoryFilter(until=START.date())
    log(at=START + timedelta(days=1, microseconds=-1))
    log(at=START + timedelta(days=1))
    assert len(history_rows.newest(store, viewer, last_moment)) == 2
