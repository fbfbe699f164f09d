"""Labels that people give to readings: a row each, beside the model's label.

``readings.person_label`` is the last of them that is not undone, so that figures need no join.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import RecordError
from core.records.history.filter import Viewer, no_reading, seen_by
from core.records.tables import LabelRow, ReadingRow, now
from core.taxonomy import KEYS, OUTSIDE_KEYS


def row_of(session: Session, viewer: Viewer, reading_id: int) -> ReadingRow:
    """The row of a reading, held for this transaction.

    Raises:
        RecordError: there is none among those that the viewer may see.
    """
    query = select(ReadingRow).where(ReadingRow.id == reading_id, *seen_by(viewer))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise no_reading(reading_id)
    return row


def give(session: Session, row: ReadingRow, account_id: int, label: str) -> None:
    """Puts a person's label beside the model's.

    Raises:
        RecordError: it is the key of no class and of no kind outside them, nor what the model said.
    """
    known = (*KEYS, *OUTSIDE_KEYS)
    if label not in known and label != row.label:
        raise RecordError(f"There is no class {label!r}. Choose one of: {', '.join(known)}.")
    session.add(LabelRow(reading_id=row.id, account_id=account_id, label=label))
    row.person_label = label


def take_back(row: ReadingRow, account_id: int) -> str | None:
    """Takes back this person's last label and returns it; None where they gave none."""
    standing = [label for label in row.labels if label.undone_at is None]
    own = [label for label in standing if label.account_id == account_id]
    if not own:
        return None
    own[-1].undone_at = now()
    standing.remove(own[-1])
    row.person_label = standing[-1].label if standing else None
    return own[-1].label
