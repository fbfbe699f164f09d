"""One-time links: the first admin's set-up and an admin's help with a forgotten password.

Only a hash is stored; the token itself is in the link and nowhere else.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.access import passwords, rows
from core.access.permissions import Action, require
from core.access.rows import COMMAND_LINE, Account, Actor, Role
from core.errors import TokenError
from core.records import audit
from core.records.store import Store
from core.records.tables import AccountRow, TokenRow

LIFETIME = timedelta(hours=24)


class Purpose(StrEnum):
    """What a link is for; also its name in the address."""

    SET_UP = "setup"
    RESET = "reset"


def make_set_up(store: Store) -> str | None:
    """A token that makes the first admin; None where there are accounts already."""
    with store.write() as session:
        if session.scalar(select(func.count(AccountRow.id))):
            return None
        return _make(session, Purpose.SET_UP, None)


def make_reset(store: Store, username: str, by: Actor = COMMAND_LINE) -> str:
    """A token with which the account's owner sets a new password; earlier ones end.

    Raises:
        NotAllowedError: ``by`` may not.
        InvalidAccountError: no such account.
    """
    with store.write() as session:
        require(session, by, Action.MANAGE_PEOPLE)
        row = rows.row_of(session, username)
        audit.add(session, rows.name_of(by), "reset_link_made", row.username)
        return _make(session, Purpose.RESET, row.id)


def username_for(store: Store, purpose: Purpose, token: str) -> str | None:
    """Whose password a token sets; None for a set-up token, which makes somebody new.

    Raises:
        TokenError: unknown, used or expired.
    """
    with store.read() as session:
        return _username(session, _standing(session, purpose, token))


def set_up(store: Store, token: str, username: str, display_name: str, password: str) -> Account:
    """Makes the first admin and uses the token up, both or neither.

    Raises:
        TokenError: the token does not stand, or there are accounts already.
        InvalidAccountError: a name or password that cannot be used.
    """
    row = rows.new_row(username, display_name, Role.ADMIN, password)
    with store.write() as session:
        standing = _standing(session, Purpose.SET_UP, token)
        if session.scalar(select(func.count(AccountRow.id))):
            raise TokenError("There is an admin already. Ask them for an account.")
        standing.used_at = datetime.now(UTC)
        session.add(row)
        audit.add(session, row.username, "account_created", row.username, {"role": row.role})
    return rows.from_row(row)


def reset_password(store: Store, token: str, password: str) -> None:
    """Sets the password of the token's account and uses the token up, both or neither.

    Raises:
        TokenError: the token does not stand.
        InvalidAccountError: the password breaks a rule.
    """
    username = username_for(store, Purpose.RESET, token) or ""
    passwords.check(password, username)
    password_hash = passwords.hashed(password)
    with store.write() as session:
        _standing(session, Purpose.RESET, token)
        rows.change_password(session, rows.row_of(session, username), password_hash)
        audit.add(session, username, "password_changed", username, {"by": "reset link"})


def _make(session: Session, purpose: Purpose, account_id: int | None) -> str:
    now = datetime.now(UTC)
    earlier = update(TokenRow).where(
        TokenRow.purpose == purpose,
        TokenRow.account_id.is_(None) if account_id is None else TokenRow.account_id == account_id,
        TokenRow.used_at.is_(None),
    )
    session.execute(earlier.values(used_at=now))
    token = secrets.token_urlsafe(32)
    session.add(
        TokenRow(
            purpose=purpose,
            account_id=account_id,
            token_hash=_hash(token),
            expires_at=now + LIFETIME,
        )
    )
    return token


def _standing(session: Session, purpose: Purpose, token: str) -> TokenRow:
    query = select(TokenRow).where(
        TokenRow.purpose == purpose,
        TokenRow.token_hash == _hash(token),
        TokenRow.used_at.is_(None),
        TokenRow.expires_at > datetime.now(UTC),
    )
    row = session.scalar(query.with_for_update())
    if row is None:
        raise TokenError(
            "This link is unknown, used or older than 24 hours. Ask an admin for a new one."
            if purpose == Purpose.RESET
            else "This link is unknown, used or older than 24 hours. "
            "If there is no admin yet, restart the app for a new one."
        )
    return row


def _username(session: Session, token: TokenRow) -> str | None:
    row = session.get(AccountRow, token.account_id) if token.account_id else None
    return row.username if row else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
