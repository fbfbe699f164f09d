"""One-time links: used once, for their purpose, within a day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.access import accounts, sessions, signin, tokens
from core.access.accounts import Account, Role
from core.access.tokens import Purpose
from core.errors import InvalidAccountError, TokenError
from core.records.store import Store
from core.records.tables import TokenRow
from core.settings import Settings

NEW = "a new and better password"
GetAccount = Callable[[Role], Account]


def expire_all(store: Store) -> None:
    with store.write() as session:
        session.execute(update(TokenRow).values(expires_at=datetime.now(UTC)))


def set_up_token(store: Store) -> str:
    token = tokens.make_set_up(store)
    assert token is not None
    return token


def test_the_set_up_link_makes_one_admin_once(store: Store, settings: Settings) -> None:
    token = set_up_token(store)
    tokens.set_up(store, token, "first", "First Admin", NEW)
    assert signin.sign_in(store, "first", NEW, settings).role == Role.ADMIN
    with pytest.raises(TokenError, match="used"):
        tokens.set_up(store, token, "second", "", NEW)
    assert tokens.make_set_up(store) is None


def test_a_set_up_link_is_worth_nothing_once_there_is_an_account(
    store: Store, account: GetAccount
) -> None:
    token = set_up_token(store)
    account(Role.ADMIN)
    with pytest.raises(TokenError, match="admin already"):
        tokens.set_up(store, token, "intruder", "", NEW)
    assert accounts.find_by_username(store, "intruder") is None


def test_a_refused_name_does_not_use_the_link_up(store: Store) -> None:
    token = set_up_token(store)
    with pytest.raises(InvalidAccountError):
        tokens.set_up(store, token, "first", "", "short")
    assert tokens.set_up(store, token, "first", "", NEW)


def test_a_newer_set_up_link_ends_the_earlier_one(store: Store) -> None:
    earlier = set_up_token(store)
    set_up_token(store)
    with pytest.raises(TokenError):
        tokens.set_up(store, earlier, "first", "", NEW)


def test_a_reset_link_sets_the_password_once_ends_sessions_and_the_lock(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    session = sessions.issue(account(Role.CLINICIAN), settings)
    token = tokens.make_reset(store, "clinician", account(Role.ADMIN))
    assert tokens.username_for(store, Purpose.RESET, token) == "clinician"
    tokens.reset_password(store, token, NEW)
    assert signin.sign_in(store, "clinician", NEW, settings)
    assert sessions.account_of(store, session, settings) is None
    with pytest.raises(TokenError, match="used"):
        tokens.reset_password(store, token, "yet another password")


@pytest.mark.parametrize("by", ["themselves", "an admin"])
def test_another_password_ends_a_reset_link(store: Store, account: GetAccount, by: str) -> None:
    clinician, admin = account(Role.CLINICIAN), account(Role.ADMIN)
    token = tokens.make_reset(store, "clinician", admin)
    other = tokens.make_reset(store, "admin", admin)
    accounts.set_password(store, "clinician", NEW, clinician if by == "themselves" else admin)
    with pytest.raises(TokenError):
        tokens.reset_password(store, token, "yet another password")
    assert tokens.username_for(store, Purpose.RESET, other) == "admin"


def test_links_end_after_a_day(store: Store, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    token = tokens.make_reset(store, "clinician")
    with store.read() as session:
        row = session.scalars(select(TokenRow)).one()
    assert row.expires_at - datetime.now(UTC) <= timedelta(hours=24)
    expire_all(store)
    with pytest.raises(TokenError, match="24 hours"):
        tokens.reset_password(store, token, NEW)


def test_a_link_serves_its_own_purpose_only(store: Store, account: GetAccount) -> None:
    token = set_up_token(store)
    with pytest.raises(TokenError):
        tokens.reset_password(store, token, NEW)


def test_only_the_hash_of_a_token_is_stored(store: Store, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    token = tokens.make_reset(store, "clinician")
    with store.read() as session:
        assert token not in session.scalars(select(TokenRow.token_hash)).one()
