"""What leaves as a file; who took what, and when, stands in the audit trail first."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.access.api_keys import Caller
from core.access.permissions import Action, ask
from core.access.rows import COMMAND_LINE, Account, Actor, Role
from core.records import audit, label_marks
from core.records.history import export
from core.records.history.filter import HistoryFilter, Viewer
from core.records.sheets import Sheet
from core.records.store import Store


def history_csv(store: Store, by: Actor | Caller, chosen: HistoryFilter) -> Iterator[str]:
    """The readings that they may see as CSV, newest first, line by line.

    Args:
        by: a caller's key was checked when it asked.

    Raises:
        NotAllowedError: they may not any more.
        RecordError: the database cannot be read or written.
    """
    narrowed = {name: _plain(value) for name, value in asdict(chosen).items() if value}
    if isinstance(by, Caller):
        key = f"API key {by.key_id}"
        with store.write() as session:
            audit.add(session, by.username, "history_exported", key, narrowed)
        viewer = Viewer(by.role, by.account_id)
    else:
        ask(store, by, Action.EXPORT, details=narrowed, entry="history_exported")
        viewer = Viewer(Role.ADMIN, 0) if by == COMMAND_LINE else Viewer(by.role, by.id)
    yield from export.history_lines(store, viewer, chosen)


def sheet_csv(store: Store, by: Account, sheet: Sheet) -> Iterator[str]:
    """The same columns of the readings of a sheet; raises as ``history_csv``."""
    told = {"sheet": sheet.id, "readings": sheet.readings}
    ask(store, by, Action.EXPORT, details=told, entry="predictions_exported")
    yield from export.sheet_lines(store, Viewer(by.role, by.id), sheet)


def marks_csv(store: Store, by: Account) -> Iterator[str]:
    """What people say of labels in doubt as CSV, line by line; raises as ``history_csv``."""
    ask(store, by, Action.EXPORT, entry="label_marks_exported")
    yield from label_marks.csv_lines(store)


def _plain(value: Any) -> Any:
    return list(map(str, value)) if isinstance(value, list | tuple) else str(value)
