"""Pages, single readings and the export, with each viewer's rule inside the query."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import RecordError
from core.prediction import CellRef
from core.records.history import rows as history_rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store

ALL = HistoryFilter()
START = datetime(2026, 3, 1, tzinfo=UTC)
Person = Callable[[str], int]


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """All that the database is asked from here on."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)


def exported(store: Store, viewer: Viewer, chosen: HistoryFilter = ALL) -> list[dict[str, str]]:
    text = "".join(history_rows.csv_lines(store, viewer, chosen))
    return list(csv.DictReader(io.StringIO(text)))


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
    assert [row["id"] for row in exported(store, viewer)] == [str(mine)]


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
    assert "username" not in exported(store, viewer)[0]
    assert statements
    assert not [asked for asked in statements if "accounts" in asked]


def test_the_export_holds_the_whole_reading(
    store: Store, log: Any, person: Person, label: Any
) -> None:
    ann = person("ann")
    label(log(ann, START, cell=CellRef("ab" * 32, "a,b.jpg")), ann, "ig")
    (row,) = exported(store, Viewer("admin", ann))
    seen = json.loads(row.pop("attributes"))
    assert seen == {"granule_colour": {"value": "pink", "confidence": 0.8}}
    assert json.loads(row.pop("reference_cells"))[0]["file"] == "SNE_1.jpg"
    assert json.loads(row.pop("prediction_set")) == ["neutrophil"]
    assert json.loads(row.pop("probabilities")) == {"neutrophil": 0.9, "ig": 0.1}
    assert row == {
        "id": "1",
        "created_at": "2026-03-01 00:00:00+00:00",
        "source": "page",
        "image_name": "a,b.jpg",
        "image_hash": "ab" * 32,
        "um_per_px": "",
        "box_left": "",
        "box_top": "",
        "box_width": "",
        "box_height": "",
        "bundle": "first",
        "bundle_hash": "cd" * 32,
        "profile": "",
        "profile_hash": "",
        "label": "neutrophil",
        "confidence": "0.9",
        "status": "confident",
        "reason": "Sure enough.",
        "milliseconds": "3.0",
        "person_label": "ig",
        "username": "ann",
    }


def test_the_export_honours_the_filter(store: Store, log: Any, person: Person) -> None:
    log(label="ig")
    log()
    rows = exported(store, Viewer("admin", person("ann")), HistoryFilter(labels=("ig",)))
    assert [row["label"] for row in rows] == ["ig"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_is_no_formula_in_a_spreadsheet(
    store: Store, log: Any, person: Person, start: str
) -> None:
    log(cell=CellRef("ab", f'{start}HYPERLINK("http://x","y")'))
    (row,) = exported(store, Viewer("admin", person("ann")))
    assert row["image_name"] == f'\'{start}HYPERLINK("http://x","y")'


def test_until_the_last_day_that_there_is(store: Store, log: Any) -> None:
    log(at=START)
    viewer = Viewer("admin", 1)
    assert len(history_rows.newest(store, viewer, HistoryFilter(until=date.max))) == 1
    last_moment = HistoryFilter(until=START.date())
    log(at=START + timedelta(days=1, microseconds=-1))
    log(at=START + timedelta(days=1))
    assert len(history_rows.newest(store, viewer, last_moment)) == 2
