"""Heat maps are kept as they were shown first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from core.errors import RecordError
from core.records.heat_maps import ShownHeatMap, keep, kept
from core.records.store import Store
from core.records.tables import HeatMapRow, ReadingRow
from tests.core.records.conftest import Log

SHOWN = ShownHeatMap("neutrophil", "Grad-CAM", "blocks.4", "first", b"\x89PNG")


def test_what_is_kept_comes_back_with_its_reading_alone(store: Store, log: Log) -> None:
    one, other = log(), log()
    keep(store, one, SHOWN)
    assert kept(store, one) == (SHOWN,)
    assert kept(store, other) == ()


def test_the_first_of_a_class_stays(store: Store, log: Log) -> None:
    reading_id = log()
    keep(store, reading_id, SHOWN)
    keep(store, reading_id, replace(SHOWN, bundle="second", image=b"other"))
    assert kept(store, reading_id) == (SHOWN,)


def test_each_class_has_its_own_in_the_order_of_showing(store: Store, log: Log) -> None:
    reading_id, ig = log(), replace(SHOWN, label="ig")
    keep(store, reading_id, SHOWN)
    keep(store, reading_id, ig)
    with store.write() as session:
        for row in session.scalars(select(HeatMapRow)):
            row.created_at = datetime(2026, 1, 1 if row.label == "neutrophil" else 2, tzinfo=UTC)
    assert kept(store, reading_id) == (SHOWN, ig)


def test_without_its_reading_none_is_kept(store: Store) -> None:
    with pytest.raises(RecordError, match="reading 7"):
        keep(store, 7, SHOWN)
    assert kept(store, 7) == ()


def test_of_an_image_that_was_deleted_none_is_kept(store: Store, log: Log) -> None:
    reading_id = log()
    with store.write() as session:
        session.get_one(ReadingRow, reading_id).image_deleted_at = datetime.now(UTC)
    with pytest.raises(RecordError, match="no image"):
        keep(store, reading_id, SHOWN)
    assert kept(store, reading_id) == ()
