"""A case is signed as it was shown, with nothing left to do, and what was signed stays."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from core.access import accounts, passwords
from core.access.accounts import Account, Role
from core.cases import acts, readers, signing
from core.cases.count import left
from core.errors import CaseError, NotAllowedError, RecordError, SignInError, StaleActError
from core.records import audit
from core.records.cases import signatures, smears
from core.records.cases.contents import Place, State
from core.records.store import Store
from core.records.tables import CaseSignatureRow
from core.settings import Settings
from tests.conftest import PASSWORD
from tests.core.cases.conftest import GetAccount
from tests.core.cases.smear import Smear, drawn
from tests.threads import at_once


@pytest.fixture
def smear(store: Store, reader: Account) -> Smear:
    """A case with nothing left to do but to sign it."""
    opened = Smear.opened(store, reader, ["neutrophil"] * 70 + ["lymphocyte"] * 31)
    opened.read(reader)
    return opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "fits", lambda *_: True)


def sign(
    smear: Smear, by: Account, settings: Settings, password: str = PASSWORD, act: str = ""
) -> int:
    version = smear.seen(by).version
    return signing.sign(smear.store, by, smear.case_id, act or drawn(), version, password, settings)


def record(smear: Smear, version: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        signatures.signed(smear.store, smear.case_id, version).record
    )
    return found


def test_what_is_signed_holds_all_that_a_report_says(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    sign(smear, reader, settings)
    told = record(smear)
    assert (told["case"]["identifier"], told["case"]["rule"], told["version"]) == ("S-1", 100, 1)
    assert told["signed_by"] == {"username": "clinician", "name": "Clinician"}
    assert [one["username"] for one in told["readers"]] == ["clinician"]
    assert told["readers"][0]["from"] <= told["readers"][0]["until"] <= told["signed_at"]
    (model,) = told["models"]
    assert set(model) == {"bundle", "bundle_hash", "profile", "profile_hash"}
    assert len(told["cells"]) == 101
    assert sum(cell["counted"] for cell in told["cells"]) == 100
    cell = told["cells"][0]
    assert (cell["prediction"]["label"], cell["first"], cell["final"]) == ("neutrophil",) * 3
    counts = {one["key"]: one for one in told["counts"]["shares"]}
    assert counts["neutrophil"]["count"] == 70
    assert counts["neutrophil"]["low"] < 70 < counts["neutrophil"]["high"]
    assert (told["agreement"], told["reason"], told["earlier_sha256"]) == (None, None, None)


def test_the_record_has_sorted_keys_and_fits_its_hash(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    sign(smear, reader, settings)
    found = signatures.signed(smear.store, smear.case_id, 1)
    dumped = json.dumps(
        json.loads(found.record), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert found.record == dumped
    assert found.is_whole
    (entry,) = audit.entries(smear.store, action="case_signed")
    assert (entry.details["version"], entry.details["sha256"]) == (1, found.sha256)


def test_a_record_that_was_changed_is_not_what_was_signed(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    sign(smear, reader, settings)
    found = signatures.signed(smear.store, smear.case_id, 1)
    with smear.store.write() as session:
        forged = found.record.replace('"count":70', '"count":71')
        session.execute(update(CaseSignatureRow).values(record=forged))
    with pytest.raises(RecordError):
        signatures.signed(smear.store, smear.case_id, 1)


def test_a_wrong_password_signs_nothing_and_counts_as_at_sign_in(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    for _ in range(settings.lockout_attempts):
        with pytest.raises(SignInError):
            sign(smear, reader, settings, "wrong")
    with pytest.raises(SignInError):
        sign(smear, reader, settings)
    assert smear.seen(reader).state is State.OPEN
    found = accounts.find_by_username(smear.store, "clinician")
    assert found is not None
    assert found.locked
    actions = [entry.action for entry in audit.entries(smear.store, actor="clinician", limit=6)]
    assert actions == ["sign_in_failed", "locked_out", *["sign_in_failed"] * 4]


def test_the_right_password_stands_in_the_trail_as_no_sign_in(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    sign(smear, reader, settings)
    actions = [entry.action for entry in audit.entries(smear.store, actor="clinician", limit=2)]
    assert actions == ["case_signed", "password_proved"]


def test_scientists_read_and_do_not_sign_or_amend(
    smear: Smear, reader: Account, account: GetAccount, settings: Settings
) -> None:
    scientist = account(Role.SCIENTIST)
    smear.begin(scientist)
    smear.end(scientist)
    with pytest.raises(NotAllowedError):
        sign(smear, scientist, settings)
    sign(smear, reader, settings)
    with pytest.raises(NotAllowedError):
        signing.amend(smear.store, scientist, smear.case_id, drawn(), "why")


@pytest.mark.parametrize("undone", ["end", "cell", "unidentified", "missing"])
def test_while_something_is_left_nothing_is_signed(
    store: Store, reader: Account, settings: Settings, undone: str
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"] * (99 if undone == "missing" else 100))
    smear.begin(reader)
    cells = smear.cells(reader)
    smear.confirm(reader, cells[1:] if undone == "cell" else cells)
    if undone == "unidentified":
        smear.label(reader, cells[:1], "unidentified")
    if undone != "end":
        smear.end(reader)
    assert not left(smear.seen(reader)).nothing
    with pytest.raises(CaseError):
        sign(smear, reader, settings)
    assert smear.seen(reader).state is State.OPEN
    assert signatures.versions(store, smear.case_id) == 0


def test_what_two_call_differently_is_settled_before_it_is_signed(
    store: Store, reader: Account, other: Account, settings: Settings
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"] * 100)
    readers.ask_second(store, reader, smear.case_id, drawn())
    smear.read(reader)
    smear.begin(other, Place.SECOND)
    cells = smear.cells(other)
    smear.label(other, cells[:1], "ig", Place.SECOND)
    smear.confirm(other, cells[1:], Place.SECOND)
    smear.end(other)
    with pytest.raises(CaseError):
        sign(smear, other, settings)
    smear.settle(other, cells[:1], "ig")
    sign(smear, other, settings)
    told = record(smear)
    assert told["agreement"]["share"] == pytest.approx(0.99)
    assert {(one["place"], one["username"]) for one in told["readers"]} == {
        ("first", "clinician"),
        ("second", "other"),
        ("settler", "other"),
    }
    assert told["cells"][0]["settled"] == "ig"


def test_a_case_that_changed_since_it_was_shown_is_not_signed(
    smear: Smear, reader: Account, other: Account, settings: Settings
) -> None:
    shown = smear.seen(reader).version
    smear.begin(other)
    smear.label(other, smear.cells(other)[:1], "ig")
    smear.end(other)
    with pytest.raises(StaleActError):
        signing.sign(smear.store, reader, smear.case_id, drawn(), shown, PASSWORD, settings)
    sign(smear, reader, settings)


def test_after_signing_nothing_is_done_to_it(
    smear: Smear, reader: Account, other: Account, settings: Settings
) -> None:
    cells = smear.cells(reader)
    (act,) = [one.id for one in smear.seen(reader).events if one.cells]
    sign(smear, reader, settings)
    before = smear.seen(reader)
    for deed in (
        lambda: smear.begin(reader),
        lambda: smear.end(reader),
        lambda: readers.ask_second(smear.store, reader, smear.case_id, drawn()),
        lambda: smear.label(reader, cells[:1], "ig"),
        lambda: smear.confirm(reader, cells[:1]),
        lambda: smear.settle(reader, cells[:1], "ig"),
        lambda: smear.undo(reader, act),
        lambda: smear.redo(reader, act),
        lambda: smear.add_image(reader, ["neutrophil"]),
        lambda: sign(smear, reader, settings),
    ):
        with pytest.raises(CaseError):
            deed()
    assert smear.seen(reader) == before
    assert smears.listed(smear.store, State.OPEN) == []


def test_a_signature_that_is_sent_again_is_one(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    act = drawn()
    assert sign(smear, reader, settings, act=act) == sign(smear, reader, settings, act=act)
    assert signatures.versions(smear.store, smear.case_id) == 1


def test_an_amendment_has_a_reason_and_leaves_what_was_signed(
    smear: Smear, reader: Account, settings: Settings
) -> None:
    with pytest.raises(CaseError):
        signing.amend(smear.store, reader, smear.case_id, drawn(), "Not signed yet.")
    sign(smear, reader, settings)
    for none in ("", " ", "x" * 1001):
        with pytest.raises(CaseError):
            signing.amend(smear.store, reader, smear.case_id, drawn(), none)
    first = signatures.signed(smear.store, smear.case_id, 1)
    signing.amend(smear.store, reader, smear.case_id, drawn(), "The first cell is a blast.")
    smear.begin(reader)
    smear.label(reader, smear.cells(reader)[:1], "blast")
    smear.end(reader)
    sign(smear, reader, settings)
    assert signatures.versions(smear.store, smear.case_id) == 2
    assert signatures.signed(smear.store, smear.case_id, 1) == first
    told = record(smear, 2)
    assert told["reason"] == "The first cell is a blast."
    assert told["earlier_sha256"] == first.sha256
    assert {one["key"]: one["count"] for one in told["counts"]["shares"]}["blast"] == 1
    with pytest.raises(CaseError):
        signatures.signed(smear.store, smear.case_id, 3)


def test_an_act_that_meets_the_signing_is_in_the_record_or_refused(
    store: Store, reader: Account, other: Account, settings: Settings, quick: None
) -> None:
    for _ in range(6):
        smear = Smear.opened(store, reader, ["neutrophil"] * 100)
        readers.ask_second(store, reader, smear.case_id, drawn())
        smear.read(reader)
        smear.read(other, Place.SECOND)
        cell = smear.cells(reader)[0]
        seen = smear.versions(other, [cell], Place.SETTLER)
        version = smear.seen(reader).version

        def deed(number: int, smear=smear, seen=seen, version=version) -> bool:
            try:
                if number:
                    acts.settle(store, other, smear.case_id, drawn(), seen, "band")
                else:
                    signing.sign(store, reader, smear.case_id, drawn(), version, "", settings)
            except CaseError:  # stale signing is one, too
                return False
            return True

        signed, settled = at_once(2, deed)
        assert signed != settled
        if signed:
            assert record(smear)["cells"][0]["final"] == "neutrophil"
        else:
            assert signatures.versions(store, smear.case_id) == 0


def test_of_two_who_sign_at_once_one_does(
    smear: Smear, reader: Account, other: Account, settings: Settings, quick: None
) -> None:
    version = smear.seen(reader).version

    def deed(number: int) -> bool:
        by = (reader, other)[number]
        try:
            signing.sign(smear.store, by, smear.case_id, drawn(), version, "", settings)
        except CaseError:
            return False
        return True

    assert sorted(at_once(2, deed)) == [False, True]
    assert signatures.versions(smear.store, smear.case_id) == 1
