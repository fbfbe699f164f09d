"""Keys with which programs act for an account, at most as its role allows.

key, secret = api_keys.make(store, "lis", "laboratory system", Role.CLINICIAN, by=admin)
caller = api_keys.check(store, secret)

Only a hash is stored. A secret has 256 random bits, so a plain hash of it cannot be searched; and
it is found by that hash, so no comparison takes longer the more of it is right.
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.access import rows
from core.access.permissions import Action, require
from core.access.rows import Actor, Role, name_of
from core.errors import ApiKeyError, InvalidAccountError, RecordError
from core.records import audit
from core.records.store import Store
from core.records.tables import ApiKeyRow

PREFIX = "bcc_"  # lets secret scanners recognise a key that was committed somewhere
HINT_LENGTH = len(PREFIX) + 4
SEEN_EVERY = timedelta(minutes=1)
_RANKS = (Role.CLINICIAN, Role.SCIENTIST, Role.ADMIN)


@dataclass(frozen=True)
class ApiKey:
    """A key as it stood when it was read; its secret is nowhere. Times are UTC.

    Attributes:
        username: whose account it acts for.
        role: what it opens, at most what the account's own role opens.
        hint: how the secret begins.
    """

    id: int
    name: str
    username: str
    role: Role
    hint: str
    created_at: datetime
    last_used: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Caller:
    """Who a checked key speaks for."""

    key_id: int
    account_id: int
    username: str
    role: Role


def make(store: Store, username: str, name: str, role: Role, by: Actor) -> tuple[ApiKey, str]:
    """A new key and its secret, which can never be read again.

    Raises:
        NotAllowedError: ``by`` may not.
        InvalidAccountError: no such account, an empty name, or a role above the account's.
    """
    name = name.strip()[:64]
    if not name:
        raise InvalidAccountError("A key needs a name that says what it is for.")
    secret = PREFIX + secrets.token_urlsafe(32)
    with store.write() as session:
        require(session, by, Action.MANAGE_KEYS)
        account = rows.row_of(session, username)
        if _lower(role, Role(account.role)) != role:
            raise InvalidAccountError(
                f"{account.username} is {account.role}: a key for them cannot be {role}."
            )
        row = ApiKeyRow(
            account=account,
            name=name,
            role=role,
            key_hash=_hash(secret),
            hint=secret[:HINT_LENGTH],
        )
        session.add(row)
        told = {"name": name, "role": role}
        audit.add(session, name_of(by), "api_key_made", account.username, told)
    return _from_row(row), secret


def check(store: Store, secret: str) -> Caller:
    """Who the secret speaks for, read from the database now.

    Raises:
        ApiKeyError: it is unknown or revoked, or its account is disabled.
    """
    query = select(ApiKeyRow).where(ApiKeyRow.key_hash == _hash(secret))
    with store.read() as session:
        row = session.scalar(query.options(joinedload(ApiKeyRow.account)))
    if row is None or row.revoked_at is not None or row.account.disabled:
        raise ApiKeyError("This API key is unknown or revoked. Ask an admin for another.")
    now = datetime.now(UTC)
    if row.last_used is None or now - row.last_used > SEEN_EVERY:
        with suppress(RecordError):  # a full disk must not keep anybody from reading what there is
            _see(store, row.id, now)
    role = _lower(Role(row.role), Role(row.account.role))
    return Caller(row.id, row.account_id, row.account.username, role)


def revoke(store: Store, key_id: int, by: Actor) -> None:
    """Ends a key at once.

    Raises:
        NotAllowedError: ``by`` may not.
        InvalidAccountError: there is no such key.
    """
    with store.write() as session:
        require(session, by, Action.MANAGE_KEYS)
        row = session.get(ApiKeyRow, key_id)
        if row is None:
            raise InvalidAccountError(f"There is no API key {key_id}.")
        if row.revoked_at is None:
            row.revoked_at = datetime.now(UTC)
            details = {"name": row.name}
            audit.add(session, name_of(by), "api_key_revoked", row.account.username, details)


def list_keys(store: Store) -> list[ApiKey]:
    """All keys, newest first."""
    query = select(ApiKeyRow).options(joinedload(ApiKeyRow.account))
    with store.read() as session:
        found = session.scalars(query.order_by(ApiKeyRow.id.desc())).all()
    return [_from_row(row) for row in found]


def _see(store: Store, key_id: int, now: datetime) -> None:
    with store.write() as session:
        session.get_one(ApiKeyRow, key_id).last_used = now


def _from_row(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        row.id,
        row.name,
        row.account.username,
        Role(row.role),
        row.hint,
        row.created_at,
        row.last_used,
        row.revoked_at,
    )


def _lower(one: Role, other: Role) -> Role:
    return min(one, other, key=_RANKS.index)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
