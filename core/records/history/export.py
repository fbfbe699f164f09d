"""Readings as CSV: one set of columns, whichever door the file leaves by."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import InstrumentedAttribute

from core.records.history.filter import HistoryFilter, Viewer, conditions, seen_by
from core.records.sheets import Sheet
from core.records.spreadsheet import csv_line
from core.records.store import Store
from core.records.tables import AccountRow, LabelRow, ReadingRow
from core.taxonomy import KEYS

ROWS_AT_ONCE = 1000

_Author = aliased(AccountRow)
_last_standing = (
    select(func.max(LabelRow.id))
    .where(LabelRow.reading_id == ReadingRow.id, LabelRow.undone_at.is_(None))
    .correlate(ReadingRow)
    .scalar_subquery()
)
COLUMNS: dict[str, InstrumentedAttribute[Any] | ColumnElement[Any]] = {
    "reading_id": ReadingRow.id,
    "predicted_at": ReadingRow.created_at,
    "asked_by": AccountRow.username,
    "source": ReadingRow.source,
    "image_name": ReadingRow.image_name,
    "image_sha256": ReadingRow.image_hash,
    "um_per_px": ReadingRow.um_per_px,
    "box_left": ReadingRow.box_left,
    "box_top": ReadingRow.box_top,
    "box_width": ReadingRow.box_width,
    "box_height": ReadingRow.box_height,
    "prediction": ReadingRow.label,
    "confidence": ReadingRow.confidence,
    "status": ReadingRow.status,
    "reason": ReadingRow.reason,
    "person_label": ReadingRow.person_label,
    "person_label_at": LabelRow.created_at,
    "person_label_by": _Author.username,
    "final_class": func.coalesce(ReadingRow.person_label, ReadingRow.label),
    "bundle": ReadingRow.bundle,
    "bundle_hash": ReadingRow.bundle_hash,
    "profile": ReadingRow.profile,
    "profile_hash": ReadingRow.profile_hash,
    "milliseconds": ReadingRow.milliseconds,
    "attributes": ReadingRow.attributes,
    "reference_cells": ReadingRow.reference_cells,
    "prediction_set": ReadingRow.prediction_set,
    "probabilities": ReadingRow.probabilities,
}
"""What is told of each reading, by the column's name; after them comes each probability."""

NAMES = {"asked_by", "person_label_by"}  # only for those who may see names


def history_lines(store: Store, viewer: Viewer, chosen: HistoryFilter) -> Iterator[str]:
    """The readings that fit, newest first: a header, then one line a reading.

    Raises:
        RecordError: the database cannot be read.
    """
    return _lines(store, viewer, conditions(viewer, chosen))


def sheet_lines(store: Store, viewer: Viewer, sheet: Sheet) -> Iterator[str]:
    """Those of a sheet, its synthetic examples (``source`` "example") included; likewise."""
    return _lines(store, viewer, [ReadingRow.sheet_id == sheet.id, *seen_by(viewer)])


def _lines(store: Store, viewer: Viewer, wanted: list[ColumnElement[bool]]) -> Iterator[str]:
    shown = [name for name in COLUMNS if viewer.sees_names or name not in NAMES]
    yield csv_line([*shown, *(f"p_{key}" for key in KEYS)])
    query = _query(shown).where(*wanted)
    before: list[ColumnElement[bool]] = []
    while True:
        # In pieces, so that a reader who takes them slowly holds no transaction open.
        with store.read() as session:
            rows = session.execute(query.where(*before)).all()
        for row in rows:
            told = row._mapping["probabilities"]
            yield csv_line(chain(row, (told.get(key) for key in KEYS)))
        if len(rows) < ROWS_AT_ONCE:
            return
        at, last = rows[-1]._mapping["predicted_at"], rows[-1]._mapping["reading_id"]
        earlier = (ReadingRow.created_at == at) & (ReadingRow.id < last)
        before = [ReadingRow.created_at <= at, (ReadingRow.created_at < at) | earlier]


def _query(shown: list[str]) -> Select[Any]:
    told = [COLUMNS[name].label(name) for name in shown]
    query = select(*told).select_from(ReadingRow).outerjoin(LabelRow, LabelRow.id == _last_standing)
    if NAMES & set(shown):
        query = query.outerjoin(AccountRow, AccountRow.id == ReadingRow.account_id)
        query = query.outerjoin(_Author, _Author.id == LabelRow.account_id)
    newest_first = ReadingRow.created_at.desc(), ReadingRow.id.desc()
    return query.order_by(*newest_first).limit(ROWS_AT_ONCE)
