"""Readings and people to fill a database with."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.evidence import ReferenceCell
from core.morphology import Observed
from core.records.readings import Reading
from core.records.store import Store
from core.records.tables import AccountRow, ReadingRow

MakeReading = Callable[..., Reading]
Log = Callable[..., int]


@pytest.fixture
def make_reading() -> MakeReading:
    """Makes a reading of a neutrophil; keywords change its fields."""

    def made(**changes: Any) -> Reading:
        fields: dict[str, Any] = {
            "name": "SNE_1.jpg",
            "image_hash": "ab" * 32,
            "label": "neutrophil",
            "confidence": 0.9,
            "probabilities": {"neutrophil": 0.9, "ig": 0.1},
            "attributes": {"granule_colour": Observed("pink", 0.8)},
            "reference_cells": (ReferenceCell("neutrophil", "SNE_1.jpg", "PBC", 0.9, "train/1"),),
            "prediction_set": ("neutrophil",),
            "status": "confident",
            "reason": "Sure enough.",
            "profile": None,
            "bundle": "first",
            "milliseconds": 3.0,
        }
        return Reading(**{**fields, **changes})

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
        (reading_id,) = store.log([make_reading(**changes)], account_id, source)
        if at is not None:
            with store.write() as session:
                session.get_one(ReadingRow, reading_id).created_at = at
        return reading_id

    return logged
