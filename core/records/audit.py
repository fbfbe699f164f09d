"""The audit trail: who did what to whom, as codes. Entries are added, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.records.store import Store
from core.records.tables import AuditRow


@dataclass(frozen=True)
class Entry:
    """One line of the trail.

    Attributes:
        actor: a user name, or e.g. "command line".
        action: a code, e.g. "role_changed".
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


def in_words(action: str) -> str:
    """A code of the trail as screens show it."""
    return action.replace("_", " ").capitalize().replace("Api key", "API key")


def details_in_words(details: dict[str, Any]) -> str:
    """The details of an entry as screens show them, e.g. "from: clinician; to: admin"."""
    return "; ".join(f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in details.items())


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return "none" if value is None else str(value)


def add(
    session: Session,
    actor: str,
    action: str,
    subject: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Adds an entry to a running transaction, so that deed and entry cannot part."""
    session.add(AuditRow(actor=actor, action=action, subject=subject, details=details or {}))


def entries(
    store: Store,
    *,
    actor: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Entry]:
    """The newest entries first, narrowed by what is given."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit).offset(offset)
    if actor is not None:
        query = query.where(AuditRow.actor == actor)
    if action is not None:
        query = query.where(AuditRow.action == action)
    if since is not None:
        query = query.where(AuditRow.created_at >= since)
    with store.read() as session:
        rows = session.scalars(query).all()
    return [Entry(row.created_at, row.actor, row.action, row.subject, row.details) for row in rows]


def actions(store: Store) -> list[str]:
    """Every action that the trail holds, in alphabetical order."""
    with store.read() as session:
        return list(session.scalars(select(AuditRow.action).distinct().order_by(AuditRow.action)))
