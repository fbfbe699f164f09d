"""Sheets: the work lists of the Predict page. The open one of an account comes back to it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from core.errors import RecordError
from core.prediction import NEEDS_REVIEW, Status
from core.records.history.filter import Viewer
from core.records.store import Store
from core.records.tables import ReadingRow, SheetRow, ThumbnailRow, now


@dataclass(frozen=True)
class Sheet:
    """One work list; times are UTC.

    Attributes:
        account_id: whose it is.
        closed_at: None for the one that new readings come on.
        readings: how many stand on it.
    """

    id: int
    account_id: int
    opened_at: datetime
    closed_at: datetime | None
    readings: int


@dataclass(frozen=True, eq=False)
class SheetReading:
    """A prediction and its label as a list of hundreds shows it.

    Attributes:
        id: of its reading.
        name: of the image.
        label: the model's; ``confidence`` is of it.
        person_label: the one that counts now, None where nobody gave one.
        thumbnail: JPEG, None where none is kept.
    """

    id: int
    name: str
    source: str
    label: str
    confidence: float
    status: str
    milliseconds: float
    person_label: str | None
    thumbnail: bytes | None

    @property
    def is_example(self) -> bool:
        """Whether it is about one of the drawn cells of the project."""
        return self.source == "example"

    @property
    def is_open(self) -> bool:
        """Whether a person still has to look."""
        return self.status in NEEDS_REVIEW and self.person_label is None

    @property
    def is_suspected(self) -> bool:
        """Whether it is referred, and no person has said yet what it is."""
        return self.status == Status.REFERRED and self.person_label is None

    @property
    def is_corrected(self) -> bool:
        """Whether a person says something else than the model."""
        return self.person_label not in (None, self.label)

    @property
    def final_label(self) -> str:
        """The person's label, else the model's."""
        return self.person_label or self.label


def open_sheet(store: Store, account_id: int) -> Sheet | None:
    """The open sheet of an account; None where nothing was predicted since the last was closed."""
    mine = SheetRow.account_id == account_id
    return next(iter(_sheets(store, mine, SheetRow.closed_at.is_(None))), None)


def find(store: Store, viewer: Viewer, sheet_id: int) -> Sheet:
    """A sheet by its id.

    Raises:
        RecordError: there is no such sheet among those that the viewer may see.
    """
    found = _sheets(store, SheetRow.id == sheet_id, *_seen_by(viewer))
    if not found:
        raise RecordError(f"You have no sheet {sheet_id}. Choose one from the list of sheets.")
    return found[0]


def newest(store: Store, account_id: int, limit: int = 50) -> list[Sheet]:
    """The sheets of an account, newest first."""
    return _sheets(store, SheetRow.account_id == account_id, limit=limit)


def listed(store: Store, sheet: Sheet) -> list[SheetReading]:
    """All readings of a sheet, the earliest first; one query, as there may be hundreds."""
    columns = (
        ReadingRow.id,
        ReadingRow.image_name.label("name"),
        ReadingRow.source,
        ReadingRow.label,
        ReadingRow.confidence,
        ReadingRow.status,
        ReadingRow.milliseconds,
        ReadingRow.person_label,
        ThumbnailRow.image.label("thumbnail"),
    )
    query = select(*columns).outerjoin(ThumbnailRow, ThumbnailRow.reading_id == ReadingRow.id)
    query = query.where(ReadingRow.sheet_id == sheet.id).order_by(ReadingRow.id)
    with store.read() as session:
        return [SheetReading(**row._mapping) for row in session.execute(query)]


def close(store: Store, account_id: int) -> None:
    """Closes the open sheet of an account, if there is one; the next reading opens another.

    Raises:
        RecordError: the database cannot be written.
    """
    still_open = (SheetRow.account_id == account_id, SheetRow.closed_at.is_(None))
    with store.write() as session:
        session.execute(update(SheetRow).where(*still_open).values(closed_at=now()))


def _seen_by(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [] if viewer.sees_all else [SheetRow.account_id == viewer.account_id]


def _sheets(store: Store, *wanted: ColumnElement[bool], limit: int = 1) -> list[Sheet]:
    count = select(func.count()).where(ReadingRow.sheet_id == SheetRow.id).scalar_subquery()
    query = select(SheetRow, count).where(*wanted).order_by(SheetRow.id.desc()).limit(limit)
    with store.read() as session:
        return [_sheet(row, count) for row, count in session.execute(query)]


def _sheet(row: SheetRow, count: int) -> Sheet:
    return Sheet(row.id, row.account_id, row.opened_at, row.closed_at, count)
