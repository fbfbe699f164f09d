"""The people who may sign in, and what an admin does with them.

Each change is one transaction together with the question whether ``by`` may, and its line in the
audit trail. Whatever makes an old session wrong (another password, another role, disabling,
sign-out) ends all of them.
"""

import secrets

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.access import passwords, rows
from core.access.permissions import Action, require
from core.access.rows import COMMAND_LINE, Account, Actor, Role
from core.errors import InvalidAccountError, NotAllowedError
from core.records import audit
from core.records.store import Store
from core.records.tables import AccountRow

__all__ = [
    "COMMAND_LINE",
    "Account",
    "Actor",
    "Role",
    "any_account",
    "create",
    "disable",
    "enable",
    "find",
    "find_by_username",
    "invite",
    "list_accounts",
    "set_password",
    "set_role",
    "sign_out",
    "unlock",
]


def find(store: Store, account_id: int) -> Account | None:
    """The account of that id, read from the database now."""
    return _find(store, AccountRow.id == account_id)


def find_by_username(store: Store, username: str) -> Account | None:
    """The account of that user name, whatever its case."""
    return _find(store, AccountRow.username == rows.normal(username))


def list_accounts(store: Store) -> list[Account]:
    """All accounts, by user name."""
    with store.read() as session:
        found = session.scalars(select(AccountRow).order_by(AccountRow.username)).all()
    return [rows.from_row(row) for row in found]


def any_account(store: Store) -> bool:
    """Whether anybody has an account yet."""
    with store.read() as session:
        return bool(session.scalar(select(func.count(AccountRow.id))))


def create(
    store: Store,
    username: str,
    display_name: str,
    role: Role,
    password: str,
    by: Actor = COMMAND_LINE,
) -> Account:
    """Makes an account that can sign in at once.

    Raises:
        NotAllowedError: ``by`` may not.
        InvalidAccountError: the name, role or password cannot be used, or the name is taken.
    """
    row = rows.new_row(username, display_name, role, password)
    try:
        with store.write() as session:
            require(session, by, Action.MANAGE_PEOPLE)
            session.add(row)
            told = {"role": row.role}
            audit.add(session, rows.name_of(by), "account_created", row.username, told)
    except IntegrityError:
        raise InvalidAccountError(
            f"The user name {row.username} is taken. Choose another."
        ) from None
    return rows.from_row(row)


def invite(store: Store, username: str, display_name: str, role: Role, by: Actor) -> Account:
    """Makes an account whose password nobody knows; a reset link lets its owner in.

    Raises:
        NotAllowedError: ``by`` may not.
        InvalidAccountError: the name or role cannot be used, or the name is taken.
    """
    return create(store, username, display_name, role, secrets.token_urlsafe(32), by)


def disable(store: Store, username: str, by: Actor = COMMAND_LINE) -> None:
    """Shuts an account and ends its sessions; its readings stay.

    Raises:
        NotAllowedError: ``by`` may not, or it is the last active admin.
        InvalidAccountError: no such account.
    """
    with store.write() as session:
        require(session, by, Action.MANAGE_PEOPLE)
        row = rows.row_of(session, username)
        _keep_an_admin(session, row)
        row.disabled = True
        rows.end_sessions(row)
        audit.add(session, rows.name_of(by), "account_disabled", row.username)


def enable(store: Store, username: str, by: Actor = COMMAND_LINE) -> None:
    """Opens a disabled account again; raises as ``disable``."""
    with store.write() as session:
        require(session, by, Action.MANAGE_PEOPLE)
        row = rows.row_of(session, username)
        row.disabled = False
        audit.add(session, rows.name_of(by), "account_enabled", row.username)


def set_role(store: Store, username: str, role: Role, by: Actor = COMMAND_LINE) -> None:
    """Gives an account another role and ends its sessions.

    Raises:
        NotAllowedError: ``by`` may not, or it is the last active admin.
        InvalidAccountError: no such account or role.
    """
    role = rows.role_of(role)
    with store.write() as session:
        require(session, by, Action.MANAGE_PEOPLE)
        row = rows.row_of(session, username)
        if row.role == role:
            return
        _keep_an_admin(session, row)
        told = {"from": row.role, "to": role}
        audit.add(session, rows.name_of(by), "role_changed", row.username, told)
        row.role = role
        rows.end_sessions(row)


def set_password(store: Store, username: str, password: str, by: Actor = COMMAND_LINE) -> None:
    """Gives an account another password, ends its sessions and any lock-out.

    Raises:
        NotAllowedError: it is another's account, and ``by`` may not.
        InvalidAccountError: no such account, or the password breaks a rule.
    """
    passwords.check(password, rows.normal(username))
    password_hash = passwords.hashed(password)
    with store.write() as session:
        row = rows.row_of(session, username)
        own = by != COMMAND_LINE and by.id == row.id
        require(session, by, Action.CHANGE_OWN_PASSWORD if own else Action.MANAGE_PEOPLE)
        rows.change_password(session, row, password_hash)
        audit.add(session, rows.name_of(by), "password_changed", row.username)


def unlock(store: Store, username: str, by: Actor = COMMAND_LINE) -> None:
    """Ends a lock-out before its time; raises as ``disable``."""
    with store.write() as session:
        require(session, by, Action.MANAGE_PEOPLE)
        row = rows.row_of(session, username)
        rows.open_again(row)
        audit.add(session, rows.name_of(by), "account_unlocked", row.username)


def sign_out(store: Store, account: Account) -> None:
    """Ends all sessions of an account, so that a copied token is worth nothing either."""
    with store.write() as session:
        rows.end_sessions(rows.row_of(session, account.username))
        audit.add(session, account.username, "signed_out", account.username)


def _find(store: Store, condition: ColumnElement[bool]) -> Account | None:
    with store.read() as session:
        row = session.scalar(select(AccountRow).where(condition))
    return rows.from_row(row) if row else None


def _keep_an_admin(session: Session, row: AccountRow) -> None:
    if row.role != Role.ADMIN or row.disabled:
        return
    active = select(AccountRow.id).where(AccountRow.role == Role.ADMIN, ~AccountRow.disabled)
    if session.scalars(active.with_for_update()).all() == [row.id]:
        raise NotAllowedError(
            f"{row.username} is the last active admin. Make somebody else admin first."
        )
