"""The lock-out, and one refusal for all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.access import accounts, rows, signin
from core.access.accounts import Account, Role
from core.errors import SignInError
from core.records import audit
from core.records.store import Store
from core.settings import Settings

PASSWORD = "correct horse battery"
GetAccount = Callable[[Role], Account]


def refused(store: Store, settings: Settings, username: str, password: str) -> str:
    with pytest.raises(SignInError) as caught:
        signin.sign_in(store, username, password, settings)
    return str(caught.value)


def lock(store: Store, settings: Settings) -> None:
    for _ in range(settings.lockout_attempts):
        refused(store, settings, "clinician", "wrong")


def lock_ended(store: Store) -> None:
    with store.write() as session:
        row = rows.row_of(session, "clinician")
        row.locked_until = datetime.now(UTC) - timedelta(seconds=1)


def test_wrong_name_wrong_password_lock_and_disabling_read_the_same(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    account(Role.SCIENTIST)
    accounts.disable(store, "scientist")
    texts = {
        refused(store, settings, "nobody", PASSWORD),
        refused(store, settings, "clinician", "wrong"),
        refused(store, settings, "scientist", PASSWORD),
    }
    lock(store, settings)
    texts.add(refused(store, settings, "clinician", PASSWORD))
    assert texts == {signin.refusal(settings)}


@pytest.mark.parametrize("username", ["nobody", "clinician", "scientist", "admin"])
def test_each_refusal_writes_so_that_its_time_tells_of_no_name(
    store: Store, settings: Settings, account: GetAccount, username: str
) -> None:
    for role in Role:
        account(role)
    lock(store, settings)
    accounts.disable(store, "scientist")
    before = len(audit.entries(store))
    refused(store, settings, username, "wrong")
    entry, *others = audit.entries(store)
    assert len(others) == before
    assert entry.action == "sign_in_failed"
    assert username == "nobody" or entry.actor == username
    assert "nobody" not in (entry.actor, entry.subject)


def test_a_lock_outlives_the_server_and_ends(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    lock(store, settings)
    restarted = Store(settings.database)
    refused(restarted, settings, "clinician", PASSWORD)
    lock_ended(restarted)
    assert signin.sign_in(restarted, "clinician", PASSWORD, settings).failed_attempts == 0
    restarted.close()


def test_after_a_lock_the_count_starts_anew(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    lock(store, settings)
    lock_ended(store)
    refused(store, settings, "clinician", "wrong")
    found = accounts.find_by_username(store, "clinician")
    assert found is not None
    assert (found.failed_attempts, found.locked) == (1, False)


def test_an_admin_ends_a_lock_before_its_time(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    lock(store, settings)
    accounts.unlock(store, "clinician", account(Role.ADMIN))
    assert signin.sign_in(store, "clinician", PASSWORD, settings)


def test_attempts_on_a_locked_account_do_not_lengthen_the_lock(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    lock(store, settings)
    before = accounts.find_by_username(store, "clinician")
    refused(store, settings, "clinician", "wrong")
    assert accounts.find_by_username(store, "clinician") == before


def test_sign_ins_and_locks_stand_in_the_audit_trail(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    signin.sign_in(store, "clinician", PASSWORD, settings)
    lock(store, settings)
    actions = [entry.action for entry in audit.entries(store, actor="clinician")]
    assert actions == ["locked_out", *["sign_in_failed"] * 4, "signed_in"]


def test_who_proves_to_know_the_password_counts_as_who_signs_in_and_is_no_sign_in(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    clinician = account(Role.CLINICIAN)
    signin.prove(store, clinician, PASSWORD, settings)
    for _ in range(settings.lockout_attempts):
        with pytest.raises(SignInError):
            signin.prove(store, clinician, "wrong", settings)
    with pytest.raises(SignInError):
        signin.prove(store, clinician, PASSWORD, settings)
    actions = [entry.action for entry in audit.entries(store, actor="clinician")]
    assert actions == ["sign_in_failed", "locked_out", *["sign_in_failed"] * 4, "password_proved"]


def test_a_disabled_account_proves_nothing(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    clinician = account(Role.CLINICIAN)
    accounts.disable(store, "clinician")
    with pytest.raises(SignInError):
        signin.prove(store, clinician, PASSWORD, settings)
