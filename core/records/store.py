"""The store: readings are logged and read back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from core.errors import LogFailedError, RecordError
from core.records.engine import BUSY_TIMEOUT_S, explained, open_engine
from core.records.images import ImageStore
from core.records.readings import (
    LoggedReading,
    NewReading,
    logged_reading,
    parts_of_reading,
    reading_values,
)
from core.records.schema import check_schema
from core.records.tables import ReadingRow, SheetRow, ThumbnailRow

Transaction = Session  # for those who hand one on and know nothing of SQLAlchemy
_LOG = insert(ReadingRow).returning(ReadingRow.id, sort_by_parameter_order=True)


class Store:
    """The database behind accounts, readings and the audit trail; safe to share by threads.

    Raises:
        SchemaError: the database is older or newer than this code.
    """

    def __init__(self, url: str, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.engine = open_engine(url, busy_timeout_s)
        check_schema(self.engine)
        self._reader = sessionmaker(self.engine, expire_on_commit=False)
        self._writer = sessionmaker(
            self.engine.execution_options(writes=True), expire_on_commit=False
        )

    def close(self) -> None:
        """Gives back all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading: one view of the data, whatever others write meanwhile.

        Raises:
            RecordError: the database cannot be read; the message says how to mend it.
        """
        with explained(), self._reader() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits as a whole at the end of the block, or not at all.

        Raises:
            IntegrityError: a rule of the tables is broken, e.g. a user name is taken.
            RecordError: the database cannot be written; the message says how to mend it.
        """
        with explained(), self._writer.begin() as session:
            yield session

    def log(
        self,
        readings: Sequence[NewReading],
        source: str = "page",
        *,
        images: ImageStore | None = None,
        on_sheet: bool = False,
    ) -> list[int]:
        """Writes all readings in one transaction and returns their ids, in order.

        Args:
            images: keeps the images that readings bring along, in the same transaction.
            on_sheet: whether each goes on the open sheet of its account.

        Raises:
            LogFailedError: nothing was written, so no prediction may be shown.
        """
        new = [reading.image for reading in readings if reading.image]
        try:
            if images:
                images.write(new)
            with self.write() as session:
                if images:
                    images.put(session, new)
                return _log(session, readings, source, on_sheet)
        except (RecordError, IntegrityError) as error:
            raise LogFailedError(
                f"The prediction was not logged and is not shown. {error}"
            ) from error

    def reading(self, reading_id: int) -> LoggedReading:
        """One reading with all labels given since.

        Raises:
            RecordError: no such reading.
        """
        query = select(ReadingRow).where(ReadingRow.id == reading_id).options(*parts_of_reading())
        with self.read() as session:
            row = session.scalars(query).one_or_none()
        if row is None:
            raise RecordError(f"There is no reading {reading_id}. Open it from the history.")
        return logged_reading(row)


def _log(
    session: Session, readings: Sequence[NewReading], source: str, on_sheet: bool
) -> list[int]:
    askers = {one.account_id for one in readings if one.account_id is not None and on_sheet}
    sheets: dict[int | None, int] = {asker: _open_sheet(session, asker) for asker in askers}
    values = [reading_values(one, source, sheets.get(one.account_id)) for one in readings]
    ids = list(session.scalars(_LOG, values))
    thumbnails = [
        {"reading_id": number, "image": reading.thumbnail}
        for number, reading in zip(ids, readings, strict=True)
        if reading.thumbnail
    ]
    if thumbnails:
        session.execute(insert(ThumbnailRow), thumbnails)
    return ids


def _open_sheet(session: Session, account_id: int) -> int:
    """The id of the open sheet of an account; where there is none, of a new one."""
    mine = (SheetRow.account_id == account_id, SheetRow.closed_at.is_(None))
    query = select(SheetRow.id).where(*mine)
    found = session.scalar(query)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            row = SheetRow(account_id=account_id)
            session.add(row)
        return row.id
    except IntegrityError:  # another process opened one in the same moment
        return session.scalars(query).one()
