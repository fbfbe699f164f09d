"""Who may do what is asked at the moment of the deed: nobody acts with rights of an hour ago."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.access import accounts, api_keys, exports, labels, tokens
from core.access.accounts import COMMAND_LINE, Account, Role
from core.access.images import delete_image
from core.access.permissions import MAY, Action, ask, may, require
from core.errors import NotAllowedError
from core.records import audit
from core.records.history.filter import HistoryFilter
from core.records.images import ImageStore
from core.records.label_marks import Doubt
from core.records.sheets import Sheet
from core.records.store import Store
from core.records.tables import AccountRow, ApiKeyRow, LabelMarkRow, LabelRow, TokenRow

GetAccount = Callable[[Role], Account]
PASSWORD = "another one, long"
SHEET = Sheet(1, 1, datetime(2026, 1, 1, tzinfo=UTC), None, 3)
DOUBT = Doubt("ab" * 32, "monocyte/MO_1.jpg", "monocyte", "lymphocyte")

LOSSES: dict[str, Callable[[Store, Account], None]] = {
    "disabled": lambda store, a: accounts.disable(store, a.username),
    "signed out": accounts.sign_out,
    "given a new password": lambda store, a: accounts.set_password(store, a.username, PASSWORD),
    "demoted": lambda store, a: accounts.set_role(
        store, a.username, Role.CLINICIAN if a.role != Role.CLINICIAN else Role.SCIENTIST
    ),
}
# Every deed that the database does; those of models stand in tests/core/analysis.
DEEDS: dict[str, Callable[[Store, Account], object]] = {
    "label": lambda store, by: labels.give(store, by, 1, "ig"),
    "undo": lambda store, by: labels.take_back(store, by, 1),
    "mark": lambda store, by: labels.mark(store, by, DOUBT, "wrong"),
    "export the history": lambda store, by: list(exports.history_csv(store, by, HistoryFilter())),
    "export marks": lambda store, by: list(exports.marks_csv(store, by)),
    "export predictions": lambda store, by: list(exports.sheet_csv(store, by, SHEET)),
    "create": lambda store, by: accounts.create(store, "new", "", Role.ADMIN, PASSWORD, by),
    "invite": lambda store, by: accounts.invite(store, "new", "", Role.ADMIN, by),
    "disable": lambda store, by: accounts.disable(store, "other", by),
    "enable": lambda store, by: accounts.enable(store, "other", by),
    "unlock": lambda store, by: accounts.unlock(store, "other", by),
    "set a role": lambda store, by: accounts.set_role(store, "other", Role.ADMIN, by),
    "set a password": lambda store, by: accounts.set_password(store, "other", PASSWORD, by),
    "set one's own": lambda store, by: accounts.set_password(store, by.username, PASSWORD, by),
    "reset link": lambda store, by: tokens.make_reset(store, "other", by),
    "make a key": lambda store, by: api_keys.make(store, "other", "x", Role.CLINICIAN, by),
    "delete an image": lambda store, by: delete_image(store, ImageStore(Path("none")), by, 1),
    "revoke a key": lambda store, by: api_keys.revoke(store, 1, by),
}
every_action = pytest.mark.parametrize("action", Action)
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
every_deed = pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)


@pytest.fixture
def others(store: Store, account: GetAccount) -> None:
    """Somebody else, a second admin, a reading and a key, for deeds to be about."""
    accounts.create(store, "other", "", Role.CLINICIAN, PASSWORD)
    accounts.create(store, "second", "", Role.ADMIN, PASSWORD)
    api_keys.make(store, "other", "x", Role.CLINICIAN, COMMAND_LINE)


def everything(store: Store) -> list[object]:
    """What a deed could have changed."""
    with store.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (LabelRow, LabelMarkRow, TokenRow, ApiKeyRow)
        ]
        revoked = session.scalars(select(ApiKeyRow.revoked_at)).all()
        people = session.execute(
            select(
                AccountRow.username,
                AccountRow.role,
                AccountRow.disabled,
                AccountRow.password_hash,
                AccountRow.locked_until,
            )
        ).all()
    return [*counts, *revoked, *map(tuple, people), *audit.entries(store)]


def test_the_table_names_every_action() -> None:
    assert set(MAY) == set(Action)
    assert all(Role.ADMIN in roles for roles in MAY.values())


@every_action
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(
    store: Store, account: GetAccount, action: Action, role: Role
) -> None:
    person = account(role)
    if may(role, action):
        require(store, person, action)
    else:
        with pytest.raises(NotAllowedError):
            require(store, person, action)


@every_action
@every_loss
def test_what_an_account_was_counts_for_nothing(
    store: Store,
    account: GetAccount,
    others: None,
    action: Action,
    loss: Callable[[Store, Account], None],
) -> None:
    person = account(Role.ADMIN)
    loss(store, person)
    before = audit.entries(store)
    with pytest.raises(NotAllowedError):
        ask(store, person, action, "something")
    assert audit.entries(store) == before


@every_deed
@every_loss
def test_a_deed_of_yesterdays_account_changes_nothing(
    store: Store,
    account: GetAccount,
    others: None,
    deed: Callable[[Store, Account], object],
    loss: Callable[[Store, Account], None],
) -> None:
    person = account(Role.ADMIN)
    loss(store, person)
    before = everything(store)
    with pytest.raises(NotAllowedError):
        deed(store, person)
    assert everything(store) == before


@pytest.mark.parametrize("name", list(DEEDS)[6:13] + list(DEEDS)[14:])
@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SCIENTIST])
def test_people_and_keys_are_for_admins(
    store: Store, account: GetAccount, others: None, name: str, role: Role
) -> None:
    person = account(role)
    before = everything(store)
    with pytest.raises(NotAllowedError):
        DEEDS[name](store, person)
    assert everything(store) == before


def test_whoever_has_the_command_line_may_do_everything(store: Store) -> None:
    for action in Action:
        ask(store, COMMAND_LINE, action, "something")
    noted = {(entry.actor, entry.action) for entry in audit.entries(store)}
    assert noted == {(COMMAND_LINE, f"{action.code}_requested") for action in Action}
