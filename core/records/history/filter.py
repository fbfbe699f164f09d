"""Which readings are looked at, and which of them this person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from sqlalchemy import ColumnElement, select

from core.errors import RecordError
from core.prediction import NEEDS_REVIEW, Status
from core.records.tables import AccountRow, ReadingRow

CORRECTED = ReadingRow.person_label != ReadingRow.label  # unknown, so not true, without a label
FOR_REVIEW = ReadingRow.status.in_([status.value for status in NEEDS_REVIEW])


class Verdict(StrEnum):
    """What a person made of a reading; the codes are those of addresses and of REST."""

    CORRECTED = "corrected"
    CONFIRMED = "confirmed"
    NONE = "unreviewed"

    @classmethod
    def _missing_(cls, value: object) -> "Verdict | None":
        """Takes what these were called before they were codes, for clients that still do."""
        return _FORMER.get(str(value))


_FORMER = {
    "Corrected": Verdict.CORRECTED,
    "Confirmed": Verdict.CONFIRMED,
    "Not looked at": Verdict.NONE,
}
_VERDICTS = {
    Verdict.CORRECTED: CORRECTED,
    Verdict.CONFIRMED: ReadingRow.person_label == ReadingRow.label,
    Verdict.NONE: ReadingRow.person_label.is_(None),
}


@dataclass(frozen=True)
class Viewer:
    """Who looks. An admin sees all, a scientist all without names, anybody else his own."""

    role: str
    account_id: int

    @property
    def sees_all(self) -> bool:
        """Whether readings of others are shown."""
        return self.role in ("admin", "scientist")

    @property
    def sees_names(self) -> bool:
        """Whether user names may leave the database."""
        return self.role in ("admin", "clinician")

    @property
    def compares_people(self) -> bool:
        """Whether readings may be counted and narrowed by person."""
        return self.role == "admin"


@dataclass(frozen=True)
class HistoryFilter:
    """What the history is narrowed to; an empty field narrows nothing.

    Attributes:
        since: first day, in UTC.
        until: last day, in UTC, included.
        labels: classes as the model gave them.
        usernames: only heeded for viewers who may compare people.
    """

    since: date | None = None
    until: date | None = None
    labels: Sequence[str] = ()
    statuses: Sequence[Status] = ()
    bundles: Sequence[str] = ()
    usernames: Sequence[str] = ()
    verdict: Verdict | None = None


def no_reading(reading_id: int) -> RecordError:
    """What is raised where a reading is not among those that somebody may see."""
    return RecordError(f"You have no reading {reading_id}. Choose one from the history.")


def seen_by(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The viewer's rule: which readings they may see at all, drawn cells included."""
    return [] if viewer.sees_all else [ReadingRow.account_id == viewer.account_id]


def conditions(viewer: Viewer, chosen: HistoryFilter) -> list[ColumnElement[bool]]:
    """The WHERE of every history query; the viewer's rule is its first part."""
    wanted = [ReadingRow.source != "example"]  # drawn, nobody's blood
    wanted += seen_by(viewer)
    if chosen.since is not None:
        wanted.append(ReadingRow.created_at >= datetime.combine(chosen.since, time.min, UTC))
    if chosen.until is not None:
        wanted.append(ReadingRow.created_at <= datetime.combine(chosen.until, time.max, UTC))
    for column, values in (
        (ReadingRow.label, chosen.labels),
        (ReadingRow.status, [status.value for status in chosen.statuses]),
        (ReadingRow.bundle, chosen.bundles),
    ):
        if values:
            wanted.append(column.in_(values))
    if chosen.usernames and viewer.compares_people:
        named = select(AccountRow.id).where(AccountRow.username.in_(chosen.usernames))
        wanted.append(ReadingRow.account_id.in_(named))
    if chosen.verdict is not None:
        wanted.append(_VERDICTS[chosen.verdict])
    return wanted
