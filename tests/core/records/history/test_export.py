"""The export: every column, a person's label beside the prediction, each viewer's rule."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.prediction import CellRef
from core.records import labels, sheets
from core.records.history import export
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store
from core.records.tables import LabelRow, ReadingRow
from core.taxonomy import KEYS
from tests.core.records.conftest import MakeReading

ALL = HistoryFilter()
START = datetime(2026, 3, 1, tzinfo=UTC)
SAID = datetime(2026, 3, 2, 9, 30, 15, 999, tzinfo=UTC)
Person = Callable[[str], int]
ADMIN = Viewer("admin", 0)


def exported(store: Store, viewer: Viewer = ADMIN, chosen: HistoryFilter = ALL) -> list[Any]:
    text = "".join(export.history_lines(store, viewer, chosen))
    return list(csv.DictReader(io.StringIO(text)))


def verdict(row: dict[str, str]) -> tuple[str, ...]:
    """What the columns about a person's label say."""
    names = ("prediction", "person_label", "person_label_at", "person_label_by", "final_class")
    return tuple(row[name] for name in names)


@pytest.fixture
def labelled_at_a_known_time(store: Store, label: Any) -> Callable[[int, int, str], None]:
    def given(reading_id: int, account_id: int, key: str) -> None:
        label(reading_id, account_id, key)
        with store.write() as session:
            session.get_one(ReadingRow, reading_id).labels[-1].created_at = SAID

    return given


def test_the_export_holds_the_whole_reading(
    store: Store, log: Any, person: Person, labelled_at_a_known_time: Any
) -> None:
    ann, bob = person("ann"), person("bob")
    reading_id = log(ann, START, cell=CellRef("ab" * 32, "a,b.jpg"))
    labelled_at_a_known_time(reading_id, bob, "ig")
    (row,) = exported(store)
    seen = json.loads(row.pop("attributes"))
    assert seen == {"granule_colour": {"value": "pink", "confidence": 0.8}}
    assert json.loads(row.pop("reference_cells"))[0]["file"] == "SNE_1.jpg"
    assert json.loads(row.pop("prediction_set")) == ["neutrophil"]
    assert json.loads(row.pop("probabilities")) == {"neutrophil": 0.9, "ig": 0.1}
    shares = {key: row.pop(f"p_{key}") for key in KEYS}
    assert {key: share for key, share in shares.items() if share} == {
        "neutrophil": "0.9",
        "ig": "0.1",
    }
    assert row == {
        "reading_id": "1",
        "predicted_at": "2026-03-01T00:00:00+00:00",
        "asked_by": "ann",
        "source": "page",
        "image_name": "a,b.jpg",
        "image_sha256": "ab" * 32,
        "um_per_px": "",
        "box_left": "",
        "box_top": "",
        "box_width": "",
        "box_height": "",
        "prediction": "neutrophil",
        "confidence": "0.9",
        "status": "confident",
        "reason": "Sure enough.",
        "person_label": "ig",
        "person_label_at": "2026-03-02T09:30:15+00:00",
        "person_label_by": "bob",
        "final_class": "ig",
        "bundle": "first",
        "bundle_hash": "cd" * 32,
        "profile": "",
        "profile_hash": "",
        "milliseconds": "3.0",
    }


def test_without_a_person_the_final_class_is_the_prediction(store: Store, log: Any) -> None:
    log()
    assert verdict(exported(store)[0]) == ("neutrophil", "", "", "", "neutrophil")


def test_only_the_label_that_stands_is_told(
    store: Store, log: Any, person: Person, labelled_at_a_known_time: Any, label: Any
) -> None:
    ann, bob = person("ann"), person("bob")
    reading_id = log(ann)
    labelled_at_a_known_time(reading_id, ann, "ig")
    label(reading_id, bob, "monocyte")
    assert verdict(exported(store)[0])[3:] == ("bob", "monocyte")
    with store.write() as session:
        labels.take_back(session.get_one(ReadingRow, reading_id), bob)
    at = "2026-03-02T09:30:15+00:00"
    assert verdict(exported(store)[0]) == ("neutrophil", "ig", at, "ann", "ig")
    with store.write() as session:
        labels.take_back(session.get_one(ReadingRow, reading_id), ann)
    assert verdict(exported(store)[0]) == ("neutrophil", "", "", "", "neutrophil")


def test_a_label_of_before_authors_were_kept_counts_too(store: Store, log: Any) -> None:
    reading_id = log()
    with store.write() as session:
        session.get_one(ReadingRow, reading_id).person_label = "ig"
        assert session.query(LabelRow).count() == 0
    assert verdict(exported(store)[0]) == ("neutrophil", "ig", "", "", "ig")


def test_a_clinician_exports_his_own_readings_only(store: Store, log: Any, person: Person) -> None:
    ann, bob = person("ann"), person("bob")
    mine, _ = log(ann), log(bob)
    rows = exported(store, Viewer("clinician", ann))
    assert [row["reading_id"] for row in rows] == [str(mine)]


def test_no_name_leaves_the_database_for_a_scientist(
    store: Store, log: Any, person: Person, label: Any, statements: list[str]
) -> None:
    ann = person("ann")
    label(log(ann), ann, "ig")
    statements.clear()
    (row,) = exported(store, Viewer("scientist", person("bob")))
    assert row["person_label"] == "ig"
    assert not {"asked_by", "person_label_by"} & set(row)
    assert not [asked for asked in statements if asked.startswith("SELECT") and "accounts" in asked]


def test_the_export_honours_the_filter(store: Store, log: Any) -> None:
    log(label="ig")
    log()
    rows = exported(store, chosen=HistoryFilter(labels=("ig",)))
    assert [row["prediction"] for row in rows] == ["ig"]


def test_many_readings_of_one_moment_come_once_each_newest_first(
    store: Store, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 3)
    ids = [log(at=START + timedelta(seconds=i // 4)) for i in range(11)]
    assert [int(row["reading_id"]) for row in exported(store)] == ids[::-1]


def test_who_takes_it_slowly_holds_no_connection(store: Store, log: Any) -> None:
    log()
    lines = export.history_lines(store, ADMIN, ALL)
    assert len([next(lines), next(lines)]) == 2
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_is_no_formula_in_a_spreadsheet(store: Store, log: Any, start: str) -> None:
    log(cell=CellRef("ab", f'{start}HYPERLINK("http://x","y")'))
    assert exported(store)[0]["image_name"] == f'\'{start}HYPERLINK("http://x","y")'


def test_a_sheet_has_the_same_columns_and_its_own_readings(
    store: Store, log: Any, person: Person, make_reading: MakeReading
) -> None:
    ann = person("ann")
    on_sheet = store.log([make_reading(ann)] * 2, "example", on_sheet=True)
    log(ann)
    sheet = sheets.open_sheet(store, ann)
    assert sheet
    own = list(export.sheet_lines(store, Viewer("clinician", ann), sheet))
    history = export.history_lines(store, Viewer("clinician", ann), ALL)
    assert own[0] == next(history)
    assert [int(line.split(",")[0]) for line in own[1:]] == on_sheet[::-1]
    assert list(export.sheet_lines(store, Viewer("clinician", ann + 1), sheet))[1:] == []
