"""What leaves as a file; who took what, and when, stands in the audit trail first."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.access.permissions import Action, ask
from core.access.rows import Account
from core.records import label_marks
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store


def history_csv(store: Store, by: Account, chosen: HistoryFilter) -> Iterator[str]:
    """The readings that they may see as CSV, newest first, line by line.

    Raises:
        NotAllowedError: they may not any more.
        RecordError: the database cannot be read or written.
    """
    narrowed = {name: _plain(value) for name, value in asdict(chosen).items() if value}
    ask(store, by, Action.EXPORT, details=narrowed, entry="history_exported")
    yield from rows.csv_lines(store, Viewer(by.role, by.id), chosen)


def marks_csv(store: Store, by: Account) -> Iterator[str]:
    """What people say of labels in doubt as CSV, line by line; raises as ``history_csv``."""
    ask(store, by, Action.EXPORT, entry="label_marks_exported")
    yield from label_marks.csv_lines(store)


def note_predictions(store: Store, by: Account, readings: int) -> None:
    """Notes that so many predictions are about to leave; raises as ``history_csv``."""
    ask(store, by, Action.EXPORT, details={"readings": readings}, entry="predictions_exported")


def _plain(value: Any) -> Any:
    return list(map(str, value)) if isinstance(value, list | tuple) else str(value)
