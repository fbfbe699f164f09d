"""Readings and people to fill a database with."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from core.morphology import Observed
from core.prediction import Box, CellRef, Prediction, ReferenceCell, Status
from core.records import labels
from core.records.readings import NewReading
from core.records.store import Store
from core.records.tables import AccountRow, ReadingRow

Label = Callable[[int, int, str], None]
MakeReading = Callable[..., NewReading]
Log = Callable[..., int]


@pytest.fixture
def make_reading() -> MakeReading:
    """Makes a reading of a neutrophil; keywords change its prediction's fields.

    Others are of the reading: its account, its thumbnail, its pixel size.
    """

    def made(
        account_id: int | None = None,
        thumbnail: bytes | None = None,
        um_per_px: float | None = None,
        **changes: Any,
    ) -> NewReading:
        fields: dict[str, Any] = {
            "cell": CellRef("ab" * 32, "SNE_1.jpg", Box(3, 4, 50, 60)),
            "label": "neutrophil",
            "confidence": 0.9,
            "probabilities": {"neutrophil": 0.9, "ig": 0.1},
            "attributes": {"granule_colour": Observed("pink", 0.8)},
            "reference_cells": (ReferenceCell("neutrophil", "SNE_1.jpg", "PBC", 0.9, "train/1"),),
            "prediction_set": ("neutrophil",),
            "status": Status.CONFIDENT,
            "reason": "Sure enough.",
            "bundle": "first",
            "bundle_hash": "cd" * 32,
            "profile": None,
            "profile_hash": None,
            "milliseconds": 3.0,
        }
        return NewReading(Prediction(**{**fields, **changes}), account_id, um_per_px, thumbnail)

    return made


@pytest.fixture
def person(store: Store) -> Callable[[str], int]:
    """Adds an account of that user name and gives its id."""

    def added(username: str) -> int:
        row = AccountRow(username=username, display_name="", role="clinician", password_hash="")
        with store.write() as session:
            session.add(row)
        return row.id

    return added


@pytest.fixture
def log(store: Store, make_reading: MakeReading) -> Log:
    """Logs one reading, at a moment of the test's choice, and gives its id."""

    def logged(
        account_id: int | None = None,
        at: datetime | None = None,
        source: str = "page",
        **changes: Any,
    ) -> int:
        (reading_id,) = store.log([make_reading(account_id, **changes)], source)
        if at is not None:
            with store.write() as session:
                session.get_one(ReadingRow, reading_id).created_at = at
        return reading_id

    return logged


@pytest.fixture
def label(store: Store) -> Label:
    """Puts the label of an account, by its id, beside a reading."""

    def given(reading_id: int, account_id: int, key: str) -> None:
        with store.write() as session:
            labels.give(session, session.get_one(ReadingRow, reading_id), account_id, key)

    return given


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """All that the database is asked from here on."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)
