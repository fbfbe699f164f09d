"""Marks are added, never changed; the last one that stands counts."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from core.errors import RecordError
from core.records import label_marks
from core.records.label_marks import COLUMNS, Doubt, Verdict, csv_lines, marks
from core.records.store import Store
from core.records.tables import LabelMarkRow

Person = Callable[[str], int]
DOUBT = Doubt("ab" * 32, "monocyte/MO_1.jpg", "monocyte", "lymphocyte", "first")


def add_mark(store: Store, doubt: Doubt, verdict: str, account_id: int) -> None:
    with store.write() as session:
        label_marks.add_mark(session, doubt, verdict, account_id)


def said(store: Store) -> list[tuple[str, str, str]]:
    return [(mark.doubt.path, mark.verdict, mark.by) for mark in marks(store).values()]


def test_a_mark_is_kept_with_who_and_when(store: Store, person: Person) -> None:
    add_mark(store, DOUBT, "wrong", person("ann"))
    (mark,) = marks(store).values()
    assert (mark.doubt, mark.verdict, mark.by) == (DOUBT, Verdict.WRONG, "ann")
    assert abs((datetime.now(UTC) - mark.at).total_seconds()) < 60
    assert marks(store).keys() == {DOUBT.key}


def test_the_last_mark_of_an_image_counts_and_the_first_stays(store: Store, person: Person) -> None:
    add_mark(store, DOUBT, "wrong", person("ann"))
    add_mark(store, replace(DOUBT, path="moved/MO_1.jpg"), "right", person("bob"))
    assert said(store) == [("moved/MO_1.jpg", "right", "bob")]
    with store.read() as session:
        assert session.scalar(select(func.count(LabelMarkRow.id))) == 2


def test_the_same_image_under_another_label_is_another_question(
    store: Store, person: Person
) -> None:
    ann = person("ann")
    add_mark(store, DOUBT, "wrong", ann)
    add_mark(store, replace(DOUBT, label="lymphocyte", suggested="monocyte"), "right", ann)
    assert [mark.verdict for mark in marks(store).values()] == ["wrong", "right"]


def test_who_withdraws_takes_back_his_own_last_word_only(store: Store, person: Person) -> None:
    ann, bob = person("ann"), person("bob")
    add_mark(store, DOUBT, "wrong", ann)
    add_mark(store, DOUBT, "right", bob)
    add_mark(store, DOUBT, "unsure", bob)
    add_mark(store, DOUBT, Verdict.WITHDRAWN, bob)
    assert said(store) == [(DOUBT.path, "right", "bob")]
    add_mark(store, DOUBT, Verdict.WITHDRAWN, bob)
    add_mark(store, DOUBT, Verdict.WITHDRAWN, bob)
    assert said(store) == [(DOUBT.path, "wrong", "ann")]
    add_mark(store, DOUBT, Verdict.WITHDRAWN, ann)
    assert marks(store) == {}


def test_an_unknown_verdict_is_refused(store: Store, person: Person) -> None:
    with pytest.raises(RecordError, match="'perhaps'.*right, wrong, unsure"):
        add_mark(store, DOUBT, "perhaps", person("ann"))
    assert marks(store) == {}


def test_the_export_holds_every_mark_that_counts(store: Store, person: Person) -> None:
    ann = person("ann")
    add_mark(store, replace(DOUBT, path="=HYPERLINK(1)", bundle=None), "unsure", ann)
    add_mark(store, replace(DOUBT, image_hash="cd" * 32), "right", ann)
    add_mark(store, replace(DOUBT, path="=HYPERLINK(1)", bundle=None), "wrong", ann)
    with store.write() as session:
        for row in session.scalars(select(LabelMarkRow)):
            row.created_at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(store)))))
    assert tuple(rows[0]) == COLUMNS
    assert list(rows[0].values()) == [
        *("monocyte/MO_1.jpg", "cd" * 32, "monocyte", "lymphocyte", "right", "ann"),
        *("2026-03-01T12:00:00+00:00", "first"),
    ]
    assert list(rows[1].values()) == [
        *("'=HYPERLINK(1)", "ab" * 32, "monocyte", "lymphocyte", "wrong", "ann"),
        *("2026-03-01T12:00:00+00:00", ""),
    ]
