"""What people did to a case, in order: events are added and read, never changed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.orm import Session

from core.records.cases.contents import OF_CELLS, Event, Kind, Place
from core.records.tables import AccountRow, CaseEventCellRow, CaseEventRow, CaseRow, now

# Columns, not whole rows: a case has a thousand events.
_COLUMNS = (
    CaseEventRow.id,
    CaseEventRow.act,
    CaseEventRow.kind,
    CaseEventRow.place,
    CaseEventRow.account_id,
    AccountRow.username,
    CaseEventRow.at,
    CaseEventRow.target_id,
    CaseEventRow.reason,
)
_CELL_COLUMNS = (CaseEventCellRow.event_id, CaseEventCellRow.cell_id, CaseEventCellRow.label)


def of_case(
    session: Session, case_id: int, places: Collection[Place], names: bool = True
) -> tuple[Event, ...]:
    """All events of a case, but for acts on cells by readers at other places than these.

    Args:
        names: whether user names may leave the database.
    """
    shown = or_(
        CaseEventRow.kind.not_in(OF_CELLS),
        CaseEventRow.place.in_([place.value for place in places]),
    )
    return _events(session, CaseEventRow.case_id == case_id, shown, names=names)


def sittings(session: Session, case_id: int) -> tuple[Event, ...]:
    """The events of a case that are about no cells: who reads it, and what was signed."""
    about_none = [kind.value for kind in Kind if kind not in OF_CELLS]
    return _events(
        session, CaseEventRow.case_id == case_id, CaseEventRow.kind.in_(about_none), cells=False
    )


def touching(session: Session, cells: Collection[int]) -> tuple[Event, ...]:
    """The events that are about any of these cells."""
    about = select(CaseEventCellRow.event_id).where(CaseEventCellRow.cell_id.in_(cells))
    return _events(session, CaseEventRow.id.in_(about))


def done(session: Session, case_id: int, act: str) -> CaseEventRow | None:
    """The event that an act became; None where it was not done yet."""
    this = (CaseEventRow.case_id == case_id, CaseEventRow.act == act)
    return session.scalar(select(CaseEventRow).where(*this))


def find(session: Session, case_id: int, event_id: int) -> Event | None:
    """An event of a case by its id; None where there is none."""
    found = _events(session, CaseEventRow.case_id == case_id, CaseEventRow.id == event_id)
    return next(iter(found), None)


def add(
    session: Session,
    case: CaseRow,
    act: str,
    kind: Kind,
    account_id: int,
    *,
    place: Place | None = None,
    cells: Mapping[int, str | None] | None = None,
    target_id: int | None = None,
    reason: str | None = None,
    at: datetime | None = None,
) -> CaseEventRow:
    """Adds an event to a case that is held."""
    row = CaseEventRow(
        case_id=case.id,
        act=act,
        kind=kind.value,
        place=place.value if place else None,
        account_id=account_id,
        target_id=target_id,
        reason=reason,
        at=at or now(),
    )
    session.add(row)
    case.version += 1
    session.flush()
    if cells:
        values: list[dict[str, Any]] = [
            {"event_id": row.id, "cell_id": cell, "label": label} for cell, label in cells.items()
        ]
        session.execute(insert(CaseEventCellRow), values)
    return row


def _events(
    session: Session, *wanted: ColumnElement[bool], names: bool = True, cells: bool = True
) -> tuple[Event, ...]:
    query = select(*_COLUMNS).join(AccountRow).where(*wanted)
    rows = session.execute(query.order_by(CaseEventRow.id)).all()
    about: dict[int, dict[int, str | None]] = {}
    if cells:
        ids = select(CaseEventRow.id).where(*wanted)
        pairs = select(*_CELL_COLUMNS).where(CaseEventCellRow.event_id.in_(ids))
        for event_id, cell_id, label in session.execute(pairs):
            about.setdefault(event_id, {})[cell_id] = label
    return tuple(_event(tuple(row), about, names) for row in rows)


def _event(
    row: tuple[Any, ...], about: Mapping[int, Mapping[int, str | None]], names: bool
) -> Event:
    number, act, kind, place, account, by, at, target, reason = row
    return Event(
        id=number,
        act=act,
        kind=Kind(kind),
        place=Place(place) if place else None,
        account_id=account,
        by=by if names else None,
        at=at,
        target_id=target,
        reason=reason,
        cells=about.get(number, {}),
    )
