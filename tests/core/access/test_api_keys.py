"""A key opens what it was made for, until it is revoked or its account is shut."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.access import accounts, api_keys
from core.access.accounts import Account, Role
from core.errors import ApiKeyError, InvalidAccountError, RecordError
from core.records import audit
from core.records.store import Store

MakeAccount = Callable[..., Account]


@pytest.fixture
def ada(store: Store) -> Account:
    return accounts.create(store, "ada", "Ada", Role.SCIENTIST, "correct horse battery")


def make(store: Store, role: Role = Role.CLINICIAN) -> tuple[api_keys.ApiKey, str]:
    return api_keys.make(store, "ada", "laboratory system", role, accounts.COMMAND_LINE)


def test_a_key_speaks_for_its_account(store: Store, ada: Account) -> None:
    key, secret = make(store)
    caller = api_keys.check(store, secret)
    assert (caller.account_id, caller.username, caller.role) == (ada.id, "ada", Role.CLINICIAN)
    assert secret.startswith(key.hint)
    (line,) = [e for e in audit.entries(store) if e.action == "api_key_made"]
    assert (line.actor, line.subject) == ("command line", "ada")


def test_the_secret_is_nowhere_in_the_database(store: Store, ada: Account) -> None:
    _, secret = make(store)
    path = store.engine.url.database
    assert path
    with sqlite3.connect(path) as database:
        everything = "\n".join(database.iterdump())
    assert secret[:16] not in everything


@pytest.mark.parametrize("wrong", ["", "bcc_", "bcc_" + "x" * 43])
def test_an_unknown_key_opens_nothing(store: Store, ada: Account, wrong: str) -> None:
    make(store)
    with pytest.raises(ApiKeyError, match="unknown or revoked"):
        api_keys.check(store, wrong)


def test_a_revoked_key_opens_nothing(store: Store, ada: Account) -> None:
    key, secret = make(store)
    api_keys.revoke(store, key.id, accounts.COMMAND_LINE)
    with pytest.raises(ApiKeyError):
        api_keys.check(store, secret)
    assert api_keys.list_keys(store)[0].revoked_at is not None


def test_a_disabled_account_has_no_keys(store: Store, ada: Account) -> None:
    accounts.create(store, "root", "Root", Role.ADMIN, "correct horse battery")
    _, secret = make(store)
    accounts.disable(store, "ada")
    with pytest.raises(ApiKeyError):
        api_keys.check(store, secret)


def test_a_key_never_opens_more_than_its_account(store: Store, ada: Account) -> None:
    with pytest.raises(InvalidAccountError, match="ada is scientist"):
        make(store, Role.ADMIN)
    _, secret = make(store, Role.SCIENTIST)
    accounts.set_role(store, "ada", Role.CLINICIAN)
    assert api_keys.check(store, secret).role == Role.CLINICIAN


def test_the_last_use_is_noted(store: Store, ada: Account) -> None:
    _, secret = make(store)
    assert api_keys.list_keys(store)[0].last_used is None
    api_keys.check(store, secret)
    assert api_keys.list_keys(store)[0].last_used is not None


def test_a_key_needs_a_name_and_an_account(store: Store, ada: Account) -> None:
    with pytest.raises(InvalidAccountError, match="needs a name"):
        api_keys.make(store, "ada", " ", Role.CLINICIAN, accounts.COMMAND_LINE)
    with pytest.raises(InvalidAccountError):
        api_keys.make(store, "nobody", "x", Role.CLINICIAN, accounts.COMMAND_LINE)
    with pytest.raises(InvalidAccountError, match="no API key 99"):
        api_keys.revoke(store, 99, accounts.COMMAND_LINE)


def test_a_key_opens_also_where_its_use_cannot_be_noted(
    store: Store, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = make(store)

    @contextmanager
    def full() -> Iterator[None]:
        raise RecordError("The disk is full.")
        yield

    monkeypatch.setattr(store, "write", full)
    assert api_keys.check(store, secret).username == "ada"
