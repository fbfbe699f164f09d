"""The history row by row: pages of readings, one reading, and the export of them all."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select

from core.errors import RecordError
from core.records.history.filter import HistoryFilter, Viewer, conditions, seen_by
from core.records.readings import LoggedReading, logged_reading, parts_of_reading
from core.records.spreadsheet import csv_line
from core.records.store import Store
from core.records.tables import AccountRow, ReadingRow

EXPORT_COLUMNS = (
    ReadingRow.id,
    ReadingRow.created_at,
    ReadingRow.source,
    ReadingRow.image_name,
    ReadingRow.image_hash,
    ReadingRow.um_per_px,
    ReadingRow.box_left,
    ReadingRow.box_top,
    ReadingRow.box_width,
    ReadingRow.box_height,
    ReadingRow.bundle,
    ReadingRow.bundle_hash,
    ReadingRow.profile,
    ReadingRow.profile_hash,
    ReadingRow.label,
    ReadingRow.confidence,
    ReadingRow.status,
    ReadingRow.reason,
    ReadingRow.milliseconds,
    ReadingRow.person_label,
    ReadingRow.attributes,
    ReadingRow.reference_cells,
    ReadingRow.prediction_set,
    ReadingRow.probabilities,
)


def newest(
    store: Store, viewer: Viewer, chosen: HistoryFilter, *, page: int = 1, per_page: int = 25
) -> list[LoggedReading]:
    """One page of readings, newest first; pages count from 1.

    The page's ids are found in an index first, so that rows before it are never fetched.
    """
    order = (ReadingRow.created_at.desc(), ReadingRow.id.desc())
    ids = (
        select(ReadingRow.id)
        .where(*conditions(viewer, chosen))
        .order_by(*order)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    query = select(ReadingRow).where(ReadingRow.id.in_(ids)).order_by(*order)
    return _readings(store, viewer, query)


def reading(store: Store, viewer: Viewer, reading_id: int) -> LoggedReading:
    """One reading as it was shown, also of a drawn cell, with all labels given since.

    Raises:
        RecordError: there is no such reading among those that the viewer may see.
    """
    query = select(ReadingRow).where(ReadingRow.id == reading_id, *seen_by(viewer))
    found = _readings(store, viewer, query)
    if not found:
        raise RecordError(f"You have no reading {reading_id}. Choose one from the history.")
    return found[0]


def csv_lines(store: Store, viewer: Viewer, chosen: HistoryFilter) -> Iterator[str]:
    """The readings as CSV, newest first, line by line: a header, then one line a reading."""
    columns = [*EXPORT_COLUMNS, *([AccountRow.username] if viewer.sees_names else [])]
    query = select(*columns).where(*conditions(viewer, chosen))
    if viewer.sees_names:
        query = query.outerjoin(AccountRow, AccountRow.id == ReadingRow.account_id)
    query = query.order_by(ReadingRow.created_at.desc(), ReadingRow.id.desc())
    yield csv_line(column.key for column in columns)
    with store.read() as session:
        for row in session.execute(query).yield_per(1000):
            yield csv_line(row)


def _readings(store: Store, viewer: Viewer, query: Select[Any]) -> list[LoggedReading]:
    names = viewer.sees_names
    with store.read() as session:
        rows = session.scalars(query.options(*parts_of_reading(names))).all()
    return [logged_reading(row, names) for row in rows]
