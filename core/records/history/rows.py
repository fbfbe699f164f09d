"""The history row by row: pages of readings, and one reading."""

from typing import Any

from sqlalchemy import Select, select

from core.records.history.filter import (
    HistoryFilter,
    Viewer,
    conditions,
    no_reading,
    seen_by,
)
from core.records.readings import LoggedReading, logged_reading, parts_of_reading
from core.records.store import Store
from core.records.tables import ReadingRow


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
        raise no_reading(reading_id)
    return found[0]


def _readings(store: Store, viewer: Viewer, query: Select[Any]) -> list[LoggedReading]:
    names = viewer.sees_names
    with store.read() as session:
        rows = session.scalars(query.options(*parts_of_reading(names))).all()
    return [logged_reading(row, names) for row in rows]
