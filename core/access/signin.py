"""Signing in by password: the lock-out, and one answer to everybody who may not come in."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.access import passwords, rows
from core.access.accounts import Account
from core.errors import SignInError
from core.logs import log
from core.records import audit
from core.records.store import Store
from core.records.tables import AccountRow
from core.settings import Settings

UNKNOWN = "unknown name"  # in the audit trail; what was typed may be a password in the wrong field


def sign_in(store: Store, username: str, password: str, settings: Settings) -> Account:
    """The account that this user name and password open.

    Name, password, lock-out and disabling are refused in the same words and take the same time,
    so nobody learns which accounts there are.

    Raises:
        SignInError: they open none.
    """
    return rows.from_row(_proved(store, username, password, settings, "signed_in"))


def prove(store: Store, by: Account, password: str, settings: Settings) -> None:
    """Returns if somebody who is signed in knows the account's password.

    Attempts count towards the lock-out as those of signing in do, and a lock holds here, too.

    Raises:
        SignInError: it is wrong, or the account is locked or disabled.
    """
    _proved(store, by.username, password, settings, "password_proved")


def touch(store: Store, account: Account) -> None:
    """Notes that somebody was seen now."""
    with store.write() as session:
        rows.row_of(session, account.username).last_seen = datetime.now(UTC)


def refusal(settings: Settings) -> str:
    """What everybody reads who is not let in, whatever the reason."""
    return (
        "Sign-in failed. Check user name and password. After "
        f"{settings.lockout_attempts} failed attempts an account stays locked for "
        f"{settings.lockout_minutes:g} minutes; an admin can unlock it, or enable it again."
    )


def _proved(
    store: Store, username: str, password: str, settings: Settings, entry: str
) -> AccountRow:
    """The row that name and password open; ``entry`` is the audit trail's code of that."""
    name = rows.normal(username)
    query = select(AccountRow).where(AccountRow.username == name)
    with store.read() as session:
        known = session.scalar(query)
    password_hash = known.password_hash if known else None
    fits = passwords.fits(password, password_hash)
    with store.write() as session:
        row = session.scalar(query.with_for_update())
        fits = fits and row is not None and row.password_hash == password_hash
        entered = _judge(row, fits, settings, entry) if row else "sign_in_failed"
        # Written in any case: a write takes ten times as long as none, which would tell of names.
        audit.add(session, row.username if row else UNKNOWN, entered, row.username if row else "")
    if row is None or entered != entry:
        log.warning(entered, account_id=row.id if row else "unknown")
        raise SignInError(refusal(settings))
    return row


def _judge(row: AccountRow, fits: bool, settings: Settings, entry: str) -> str:
    """Changes the row as an attempt demands; gives the code that the audit trail has for it."""
    now = datetime.now(UTC)
    if row.locked_until is not None:
        if row.locked_until > now:
            return "sign_in_failed"
        rows.open_again(row)
    if fits and not row.disabled:
        rows.open_again(row)
        row.last_seen = now
        return entry
    row.failed_attempts += 1
    if row.failed_attempts < settings.lockout_attempts:
        return "sign_in_failed"
    row.locked_until = now + timedelta(minutes=settings.lockout_minutes)
    return "locked_out"
