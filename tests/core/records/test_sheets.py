"""The work list of an account: one is open, the others can be read again by whoever may."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from core.errors import RecordError
from core.records import sheets
from core.records.history.filter import Viewer
from core.records.store import Store
from core.records.tables import SheetRow
from tests.core.records.conftest import MakeReading
from tests.threads import at_once

Person = Callable[[str], int]


def log(store: Store, make_reading: MakeReading, account_id: int, readings: int = 1) -> list[int]:
    one = replace(make_reading(), account_id=account_id, thumbnail=b"small")
    return store.log([one] * readings, on_sheet=True)


def test_predictions_come_on_the_open_sheet_until_it_is_closed(
    store: Store, make_reading: MakeReading, person: Person
) -> None:
    ann = person("ann")
    assert sheets.open_sheet(store, ann) is None
    first = log(store, make_reading, ann, 2) + log(store, make_reading, ann)
    sheet = sheets.open_sheet(store, ann)
    assert sheet
    assert (sheet.readings, sheet.closed_at) == (3, None)
    sheets.close(store, ann)
    assert sheets.open_sheet(store, ann) is None
    second = log(store, make_reading, ann)
    newest, oldest = sheets.newest(store, ann)
    assert [found.id for found in sheets.listed(store, newest)] == second
    assert [found.id for found in sheets.listed(store, oldest)] == first
    reading = sheets.listed(store, sheet)[0]
    assert (reading.thumbnail, reading.name, reading.label) == (b"small", "SNE_1.jpg", "neutrophil")


def test_everybody_has_a_sheet_of_their_own(
    store: Store, make_reading: MakeReading, person: Person
) -> None:
    ann, bob = person("ann"), person("bob")
    log(store, make_reading, ann)
    (theirs,) = log(store, make_reading, bob)
    sheet = sheets.open_sheet(store, bob)
    assert sheet
    assert [found.id for found in sheets.listed(store, sheet)] == [theirs]
    sheets.close(store, ann)
    assert sheets.open_sheet(store, bob)


def test_a_clinician_finds_his_own_sheets_only(
    store: Store, make_reading: MakeReading, person: Person
) -> None:
    ann, bob = person("ann"), person("bob")
    log(store, make_reading, ann)
    sheet = sheets.open_sheet(store, ann)
    assert sheet
    assert sheets.find(store, Viewer("clinician", ann), sheet.id) == sheet
    assert sheets.find(store, Viewer("admin", bob), sheet.id) == sheet
    with pytest.raises(RecordError, match=f"no sheet {sheet.id}"):
        sheets.find(store, Viewer("clinician", bob), sheet.id)


def test_windows_that_predict_at_once_share_one_sheet(
    store: Store, make_reading: MakeReading, person: Person
) -> None:
    ann = person("ann")
    at_once(6, lambda _: log(store, make_reading, ann))
    with store.read() as session:
        assert session.scalar(select(func.count(SheetRow.id))) == 1
    sheet = sheets.open_sheet(store, ann)
    assert sheet
    assert sheet.readings == 6


def test_predictions_of_other_doors_are_on_no_sheet(
    store: Store, make_reading: MakeReading, person: Person
) -> None:
    ann = person("ann")
    store.log([replace(make_reading(), account_id=ann)], "api")
    assert sheets.newest(store, ann) == []
