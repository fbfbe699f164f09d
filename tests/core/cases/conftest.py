"""Readers of cases."""

from collections.abc import Callable

import pytest

from core.access import accounts
from core.access.accounts import Account, Role
from core.records.store import Store
from tests.conftest import PASSWORD

GetAccount = Callable[[Role], Account]


@pytest.fixture
def reader(account: GetAccount) -> Account:
    return account(Role.CLINICIAN)


@pytest.fixture
def other(store: Store) -> Account:
    """A second clinician."""
    return accounts.create(store, "other", "The Other", Role.CLINICIAN, PASSWORD)


@pytest.fixture
def third(account: GetAccount) -> Account:
    return account(Role.ADMIN)
