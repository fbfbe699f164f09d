"""Each deed to a case asks at its own moment whether they still may."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from core.access import accounts
from core.access.accounts import Account
from core.cases import acts, readers, signing
from core.cases.opening import add_image, open_case
from core.errors import AccessError
from core.records import audit
from core.records.cases.contents import Place
from core.records.store import Store
from core.records.tables import CaseEventRow, CaseImageRow, CaseRow, CaseSignatureRow
from core.settings import Settings
from tests.conftest import PASSWORD
from tests.core.cases.smear import Smear, drawn, field_of

Deed = Callable[[Smear, Account, Settings], object]
DEEDS: dict[str, Deed] = {
    "open": lambda smear, by, _: open_case(smear.store, by, "S-2", "", 100),
    "add an image": lambda smear, by, _: add_image(
        smear.store, by, smear.case_id, "a.png", "ab" * 32, field_of(), {}
    ),
    "begin": lambda smear, by, _: readers.begin(
        smear.store, by, smear.case_id, drawn(), Place.FIRST
    ),
    "end": lambda smear, by, _: readers.end(smear.store, by, smear.case_id, drawn()),
    "ask": lambda smear, by, _: readers.ask_second(smear.store, by, smear.case_id, drawn()),
    "confirm": lambda smear, by, _: acts.confirm(smear.store, by, smear.case_id, drawn(), {1: 0}),
    "label": lambda smear, by, _: acts.label(smear.store, by, smear.case_id, drawn(), {1: 0}, "ig"),
    "settle": lambda smear, by, _: acts.settle(
        smear.store, by, smear.case_id, drawn(), {1: 0}, "ig"
    ),
    "undo": lambda smear, by, _: acts.undo(smear.store, by, smear.case_id, drawn(), 1, {1: 0}),
    "redo": lambda smear, by, _: acts.redo(smear.store, by, smear.case_id, drawn(), 1, {1: 0}),
    "sign": lambda smear, by, given: signing.sign(
        smear.store, by, smear.case_id, drawn(), 1, PASSWORD, given
    ),
    "amend": lambda smear, by, _: signing.amend(smear.store, by, smear.case_id, drawn(), "why"),
}
TABLES = (CaseRow, CaseImageRow, CaseEventRow, CaseSignatureRow)


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
@pytest.mark.parametrize(
    "loss",
    [
        lambda store, by: accounts.disable(store, by.username),
        lambda store, by: accounts.sign_out(store, by),
    ],
    ids=["disabled", "signed out"],
)
def test_a_deed_of_yesterdays_account_changes_nothing(
    store: Store,
    reader: Account,
    settings: Settings,
    deed: Deed,
    loss: Callable[[Store, Account], None],
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"])
    smear.begin(reader)
    loss(store, reader)
    before = _everything(store)
    with pytest.raises(AccessError):
        deed(smear, reader, settings)
    assert _everything(store) == before


def _everything(store: Store) -> list[object]:
    with store.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in TABLES]
    of_cases = [one for one in audit.entries(store) if not one.action.startswith("sign_in")]
    return [*counts, *(one for one in of_cases if one.action != "password_proved")]
