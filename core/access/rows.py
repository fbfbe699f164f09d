"""One account: its frozen form for everybody, and its row inside a transaction."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.access import passwords
from core.errors import InvalidAccountError
from core.records.tables import AccountRow, TokenRow

COMMAND_LINE: Final = "command line"
USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")


class Role(StrEnum):
    """What an account is for; the page list follows it."""

    CLINICIAN = "clinician"
    SCIENTIST = "scientist"
    ADMIN = "admin"

    @property
    def shown(self) -> str:
        """The role as screens show it."""
        return "Data scientist" if self is Role.SCIENTIST else self.value.capitalize()


@dataclass(frozen=True)
class Account:
    """One person's account as it stood when it was read. Times are UTC.

    Attributes:
        session_number: what the tokens of its sessions must carry; another one ends them all.
    """

    id: int
    username: str
    display_name: str
    role: Role
    disabled: bool
    locked_until: datetime | None
    last_seen: datetime | None
    failed_attempts: int
    session_number: int

    @property
    def locked(self) -> bool:
        """Whether failed sign-ins keep this account shut at the moment."""
        return self.locked_until is not None and self.locked_until > datetime.now(UTC)


Actor = Account | Literal["command line"]
"""Who does something: an account as its session read it, or whoever has the command line."""


def name_of(by: Actor) -> str:
    """As the audit trail calls them."""
    return by if by == COMMAND_LINE else by.username


def new_row(username: str, display_name: str, role: Role, password: str) -> AccountRow:
    """A row for a new account, everything in it checked, not yet written.

    Raises:
        InvalidAccountError: a name, role or password that cannot be used.
    """
    name = normal(username)
    if not USERNAME.fullmatch(name):
        raise InvalidAccountError(
            "A user name has 2 to 64 characters: letters a to z, digits and . _ @ + -, "
            "and begins with a letter or digit."
        )
    passwords.check(password, name)
    return AccountRow(
        username=name,
        display_name=display_name.strip()[:128] or name,
        role=role_of(role),
        password_hash=passwords.hashed(password),
    )


def row_of(session: Session, username: str) -> AccountRow:
    """The row of a user name, held for this transaction.

    Raises:
        InvalidAccountError: no such account.
    """
    query = select(AccountRow).where(AccountRow.username == normal(username)).with_for_update()
    row = session.scalar(query)
    if row is None:
        raise InvalidAccountError(f"There is no account {normal(username)!r}.")
    return row


def change_password(session: Session, row: AccountRow, password_hash: str) -> None:
    """Puts a new password in force within a transaction; what else could change it ends."""
    row.password_hash = password_hash
    links = update(TokenRow).where(TokenRow.account_id == row.id, TokenRow.used_at.is_(None))
    session.execute(links.values(used_at=datetime.now(UTC)))
    open_again(row)
    end_sessions(row)


def open_again(row: AccountRow) -> None:
    """Forgets failed sign-ins within a transaction."""
    row.failed_attempts = 0
    row.locked_until = None


def end_sessions(row: AccountRow) -> None:
    """Makes every token issued up to now worthless, within a transaction."""
    row.session_number += 1


def from_row(row: AccountRow) -> Account:
    """The frozen form of a row."""
    return Account(
        id=row.id,
        username=row.username,
        display_name=row.display_name,
        role=Role(row.role),
        disabled=row.disabled,
        locked_until=row.locked_until,
        last_seen=row.last_seen,
        failed_attempts=row.failed_attempts,
        session_number=row.session_number,
    )


def normal(username: str) -> str:
    """A user name as it is stored."""
    return username.strip().lower()


def role_of(name: str) -> Role:
    """The role of that name.

    Raises:
        InvalidAccountError: no such role; the message lists those there are.
    """
    try:
        return Role(name)
    except ValueError:
        raise InvalidAccountError(
            f"There is no role {name!r}. Choose one of: {', '.join(Role)}."
        ) from None
