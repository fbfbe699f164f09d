"""Session tokens: signed, dated, and checked against the account each time they are used.

A token is a JWT with the account's id (``sub``), its session number (``num``), and when it was
issued and ends (``iat``, ``exp``). What ends it earlier stands in the database: sign-out, a new
password, a new role and disabling count the number up. No clock decides that, so a clock that is
set back brings no ended session to life.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from core.access.accounts import Account, find
from core.files import write_first
from core.records.store import Store
from core.settings import Settings

ALGORITHM = "HS256"
COOKIE = "blood_cells_session"  # the dashboard's; other doors of the same address take it too


def issue(account: Account, settings: Settings) -> str:
    """A new session token for an account that has just proved who it is."""
    now = datetime.now(UTC)
    claims = {
        "sub": str(account.id),
        "num": account.session_number,
        "iat": now.timestamp(),
        "exp": (now + timedelta(hours=settings.session_hours)).timestamp(),
        "jti": secrets.token_urlsafe(12),
    }
    return jwt.encode(claims, cookie_key(settings), algorithm=ALGORITHM)


def account_of(store: Store, token: str, settings: Settings) -> Account | None:
    """The account that a token speaks for now; None if it is forged, over or ended."""
    claims = _claims(token, settings)
    account = find(store, int(claims["sub"])) if claims else None
    if claims is None or account is None or account.disabled:
        return None
    return account if claims["num"] == account.session_number else None


def ended_by_disabling(store: Store, token: str, settings: Settings) -> bool:
    """Whether the account was disabled that a token speaks for, which is ours and not over.

    Only who had a session can show such a token, so this tells strangers nothing.
    """
    claims = _claims(token, settings)
    account = find(store, int(claims["sub"])) if claims else None
    return account is not None and account.disabled


def _claims(token: str, settings: Settings) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            cookie_key(settings),
            algorithms=[ALGORITHM],
            options={"require": ["sub", "num", "iat", "exp"]},
        )
    except jwt.InvalidTokenError:
        return None
    return claims


def resume(store: Store, token: str, settings: Settings) -> Account | None:
    """As ``account_of``, for a cookie that opens a new session: a locked account has no entry.

    A session that runs goes on while its account is locked, or anybody could end it by
    guessing at the password.
    """
    account = account_of(store, token, settings)
    return None if account is None or account.locked else account


def cookie_key(settings: Settings) -> str:
    """The key that signs tokens: the setting, or one made once and kept in state_dir."""
    if settings.cookie_key:
        return settings.cookie_key
    return write_first(settings.state_dir / "cookie_key", secrets.token_hex(32), private=True)
