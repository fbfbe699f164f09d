"""What people say: of a prediction, and of the labels that images of the data set have.

Each is written in one transaction with the question whether they may and its line in the audit
trail.
"""

from core.access.permissions import Action, require
from core.access.rows import Account
from core.records import audit, label_marks, labels
from core.records.history.filter import Viewer
from core.records.label_marks import Doubt
from core.records.store import Store


def give(store: Store, by: Account, reading_id: int, label: str) -> None:
    """Puts a person's label beside the model's; the same label again confirms it.

    Raises:
        NotAllowedError: they may not any more.
        RecordError: there is no such reading among those that they may see, or no such class, or
            the database cannot be written.
    """
    with store.write() as session:
        require(session, by, Action.LABEL)
        row = labels.row_of(session, Viewer(by.role, by.id), reading_id)
        labels.give(session, row, by.id, label)
        told = {"label": label, "model": row.label, "bundle": row.bundle}
        audit.add(session, by.username, "label_given", _subject(reading_id), told)


def take_back(store: Store, by: Account, reading_id: int) -> str | None:
    """Takes back this person's last label and returns the one that counts now.

    Raises:
        NotAllowedError: they may not any more.
        RecordError: there is no such reading among those that they may see, or the database cannot
            be written.
    """
    with store.write() as session:
        require(session, by, Action.LABEL)
        row = labels.row_of(session, Viewer(by.role, by.id), reading_id)
        taken = labels.take_back(row, by.id)
        if taken is not None:
            told = {"label": taken, "counts now": row.person_label}
            audit.add(session, by.username, "label_taken_back", _subject(reading_id), told)
        return row.person_label


def mark(store: Store, by: Account, doubt: Doubt, verdict: str) -> None:
    """Keeps what a person says of a label in doubt, beside all that was said before.

    Raises:
        NotAllowedError: they may not any more.
        RecordError: there is no such verdict, or the database cannot be written.
    """
    with store.write() as session:
        require(session, by, Action.MARK_LABELS)
        label_marks.add_mark(session, doubt, verdict, by.id)
        told = {"verdict": verdict, "label": doubt.label, "suggested": doubt.suggested}
        audit.add(session, by.username, "label_marked", doubt.image_hash, told)


def _subject(reading_id: int) -> str:
    return f"reading {reading_id}"
