"""Making and changing accounts; the audit trail; the last admin."""

from collections.abc import Callable

import pytest

from core.access import accounts, signin
from core.access.accounts import Account, Role
from core.errors import InvalidAccountError, NotAllowedError, SignInError
from core.records import audit
from core.records.store import Store
from core.settings import Settings

PASSWORD = "correct horse battery"
GetAccount = Callable[[Role], Account]


def test_a_new_account_signs_in_whatever_the_case_of_its_name(
    store: Store, settings: Settings
) -> None:
    accounts.create(store, " Ehrlich ", "Paul Ehrlich", Role.SCIENTIST, PASSWORD)
    entered = signin.sign_in(store, "EHRLICH", PASSWORD, settings)
    assert (entered.username, entered.role) == ("ehrlich", Role.SCIENTIST)


def test_passwords_are_stored_hashed_only(store: Store, settings: Settings) -> None:
    accounts.create(store, "ehrlich", "Paul Ehrlich", Role.SCIENTIST, PASSWORD)
    store.close()
    files = [p for p in settings.state_dir.iterdir() if p.is_file()]
    assert files
    assert not any(PASSWORD.encode() in file.read_bytes() for file in files)


def test_a_taken_name_is_refused(store: Store, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    with pytest.raises(InvalidAccountError, match="taken"):
        accounts.create(store, "Clinician", "", Role.ADMIN, PASSWORD)


@pytest.mark.parametrize("name", ["", "a", "two words", "<b>", ".dot", "x" * 65, "ünal"])
def test_an_unusable_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidAccountError, match="2 to 64 characters"):
        accounts.create(store, name, "", Role.ADMIN, PASSWORD)


def test_an_unknown_role_is_refused_with_those_there_are(store: Store) -> None:
    with pytest.raises(InvalidAccountError, match="clinician, scientist, admin"):
        accounts.create(store, "ehrlich", "", "owner", PASSWORD)  # type: ignore[arg-type]


def test_the_last_active_admin_can_neither_be_disabled_nor_demoted(
    store: Store, account: GetAccount
) -> None:
    account(Role.ADMIN)
    accounts.create(store, "second", "", Role.ADMIN, PASSWORD)
    accounts.disable(store, "second")
    with pytest.raises(NotAllowedError, match="last active admin"):
        accounts.disable(store, "admin")
    with pytest.raises(NotAllowedError, match="last active admin"):
        accounts.set_role(store, "admin", Role.CLINICIAN)
    accounts.enable(store, "second")
    accounts.set_role(store, "admin", Role.CLINICIAN)


def test_a_disabled_account_does_not_sign_in_until_enabled(
    store: Store, settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    accounts.disable(store, "clinician")
    with pytest.raises(SignInError):
        signin.sign_in(store, "clinician", PASSWORD, settings)
    accounts.enable(store, "clinician")
    assert signin.sign_in(store, "clinician", PASSWORD, settings)


def test_every_change_stands_in_the_audit_trail_with_its_actor(
    store: Store, account: GetAccount
) -> None:
    chief = account(Role.ADMIN)
    account(Role.CLINICIAN)
    accounts.set_role(store, "clinician", Role.SCIENTIST, chief)
    accounts.disable(store, "clinician", chief)
    accounts.enable(store, "clinician", chief)
    accounts.unlock(store, "clinician", chief)
    accounts.set_password(store, "clinician", "another good one", chief)
    trail = audit.entries(store, actor="admin")
    assert [entry.action for entry in reversed(trail)] == [
        "role_changed",
        "account_disabled",
        "account_enabled",
        "account_unlocked",
        "password_changed",
    ]
    assert trail[-1].details == {"from": "clinician", "to": "scientist"}


def test_no_such_account(store: Store) -> None:
    with pytest.raises(InvalidAccountError, match="no account 'ghost'"):
        accounts.disable(store, "Ghost")


def test_the_scientist_is_shown_as_data_scientist() -> None:
    assert [role.shown for role in Role] == ["Clinician", "Data scientist", "Admin"]
