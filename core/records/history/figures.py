"""The history of readings in figures: every sum is made by the database, none in Python.

Each function takes the viewer, and the viewer's rule is part of the query itself.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from core.errors import NotAllowedError
from core.records.history.filter import (
    CORRECTED,
    FOR_REVIEW,
    HistoryFilter,
    Viewer,
    conditions,
)
from core.records.store import Store
from core.records.tables import AccountRow, ReadingRow

CONFIDENCE_BINS = 20
EVERYTHING = HistoryFilter()

COUNTS = (func.count(), func.count().filter(FOR_REVIEW), func.count().filter(CORRECTED))


@dataclass(frozen=True)
class Totals:
    """The headline figures; ``median_ms`` is None where there are no readings."""

    readings: int
    need_review: int
    corrected: int
    median_ms: float | None


@dataclass(frozen=True)
class DayCount:
    """How many readings of a class (the model's) there were on a day, in UTC."""

    day: date
    label: str
    readings: int


@dataclass(frozen=True)
class ConfidenceCount:
    """How many readings of a status have a confidence from ``low`` to ``high``."""

    low: float
    high: float
    status: str
    readings: int


@dataclass(frozen=True)
class GroupCount:
    """Readings of one bundle or one person."""

    name: str
    readings: int
    need_review: int
    corrected: int


@dataclass(frozen=True)
class Correction:
    """How often people gave ``person_label`` to what the model called ``label``."""

    label: str
    person_label: str
    readings: int


def totals(store: Store, viewer: Viewer, chosen: HistoryFilter = EVERYTHING) -> Totals:
    """The headline figures of the readings that the viewer may see."""
    wanted = conditions(viewer, chosen)
    with store.read() as session:
        readings, review, corrected = session.execute(select(*COUNTS).where(*wanted)).one()
        middle = (
            select(ReadingRow.milliseconds)
            .where(*wanted)
            .order_by(ReadingRow.milliseconds)
            .offset((readings - 1) // 2)
            .limit(2 - readings % 2)
        )
        middles = session.scalars(middle).all() if readings else []
    median = sum(middles) / len(middles) if middles else None
    return Totals(readings, review, corrected, median)


def by_day(store: Store, viewer: Viewer, chosen: HistoryFilter = EVERYTHING) -> list[DayCount]:
    """Readings by day and class, oldest day first; days without readings are left out."""
    day = func.date(ReadingRow.created_at)
    query = select(day, ReadingRow.label, func.count()).group_by(day, ReadingRow.label)
    rows = _rows(store, query.where(*conditions(viewer, chosen)).order_by(day, ReadingRow.label))
    return [DayCount(date.fromisoformat(str(day)), label, count) for day, label, count in rows]


def by_confidence(
    store: Store, viewer: Viewer, chosen: HistoryFilter = EVERYTHING
) -> list[ConfidenceCount]:
    """The distribution of confidences in bins of five per cent, by status."""
    step = func.round(ReadingRow.confidence * CONFIDENCE_BINS - 0.5)  # floor, in every database
    query = select(step, ReadingRow.status, func.count()).group_by(step, ReadingRow.status)
    counts: dict[tuple[int, str], int] = {}
    for step_found, status, count in _rows(store, query.where(*conditions(viewer, chosen))):
        key = min(max(int(step_found), 0), CONFIDENCE_BINS - 1), status
        counts[key] = counts.get(key, 0) + count
    return [
        ConfidenceCount(i / CONFIDENCE_BINS, (i + 1) / CONFIDENCE_BINS, status, count)
        for (i, status), count in sorted(counts.items())
    ]


def by_bundle(store: Store, viewer: Viewer, chosen: HistoryFilter = EVERYTHING) -> list[GroupCount]:
    """Readings by bundle, the most used first."""
    query = select(ReadingRow.bundle, *COUNTS).group_by(ReadingRow.bundle)
    rows = _rows(store, query.where(*conditions(viewer, chosen)).order_by(func.count().desc()))
    return [GroupCount(*row) for row in rows]


def by_user(store: Store, viewer: Viewer, chosen: HistoryFilter = EVERYTHING) -> list[GroupCount]:
    """Readings by person, the busiest first; those of nobody signed in are left out.

    Raises:
        NotAllowedError: the viewer may not compare people.
    """
    if not viewer.compares_people:
        raise NotAllowedError("Only admins see readings by person. Ask an admin for the figures.")
    grouped = (
        select(ReadingRow.account_id, *(count.label(None) for count in COUNTS))
        .where(*conditions(viewer, chosen))
        .group_by(ReadingRow.account_id)
        .subquery()
    )
    account_id, readings, *shares = grouped.c
    query = select(AccountRow.username, readings, *shares).join(
        grouped, account_id == AccountRow.id
    )
    return [GroupCount(*row) for row in _rows(store, query.order_by(readings.desc()))]


def corrections(
    store: Store, viewer: Viewer, chosen: HistoryFilter = EVERYTHING
) -> list[Correction]:
    """How often people gave which class to which of the model's; confirmed ones included."""
    pair = (ReadingRow.label, ReadingRow.person_label)
    query = select(*pair, func.count()).where(*conditions(viewer, chosen)).group_by(*pair)
    return [
        Correction(*row) for row in _rows(store, query.where(ReadingRow.person_label.is_not(None)))
    ]


def usernames(store: Store, viewer: Viewer) -> list[str]:
    """Whom the viewer may narrow the history to: nobody, unless he may compare people."""
    if not viewer.compares_people:
        return []
    return [name for (name,) in _rows(store, select(AccountRow.username).order_by("username"))]


def _rows(store: Store, query: Select[*tuple[Any, ...]]) -> list[Any]:
    with store.read() as session:
        return list(session.execute(query).all())
