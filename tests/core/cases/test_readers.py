"""Two readers of one case: never one account, and blind to each other until both are done."""

import pytest

from core.access.accounts import Account, Role
from core.cases import acts, readers
from core.cases.sittings import TWO_READERS
from core.cases.standing import standing
from core.errors import CaseError, StaleActError
from core.records.cases.contents import Kind, Place
from core.records.store import Store
from tests.core.cases.conftest import GetAccount
from tests.core.cases.smear import Smear, drawn
from tests.threads import at_once

SAID = ["neutrophil"] * 3 + ["monocyte"]


@pytest.fixture
def smear(store: Store, reader: Account) -> Smear:
    """A case that two are to read."""
    opened = Smear.opened(store, reader, SAID)
    readers.ask_second(store, reader, opened.case_id, drawn())
    return opened


def labels(smear: Smear, by: Account) -> set[str | None]:
    return {label for one in smear.seen(by).events for label in one.cells.values()}


def test_a_second_reader_is_asked_for_once(smear: Smear, reader: Account, other: Account) -> None:
    with pytest.raises(CaseError):
        readers.ask_second(smear.store, other, smear.case_id, drawn())
    alone = Smear.opened(smear.store, reader, SAID)
    with pytest.raises(CaseError):
        alone.begin(other, Place.SECOND)
    two = Smear.opened(smear.store, reader, SAID, TWO_READERS)
    two.begin(other, Place.SECOND)


@pytest.mark.parametrize(
    ("taken", "wanted"), [(Place.FIRST, Place.SECOND), (Place.SECOND, Place.FIRST)]
)
def test_nobody_is_both_readers(smear: Smear, reader: Account, taken: Place, wanted: Place) -> None:
    smear.begin(reader, taken)
    smear.end(reader)
    with pytest.raises(CaseError):
        smear.begin(reader, wanted)


def test_nobody_reads_as_who_settles(smear: Smear, reader: Account) -> None:
    with pytest.raises(CaseError):
        smear.begin(reader, Place.SETTLER)


def test_who_takes_both_places_at_once_gets_one(smear: Smear, reader: Account) -> None:
    def begin(number: int) -> bool:
        try:
            smear.begin(reader, (Place.FIRST, Place.SECOND)[number])
        except CaseError:
            return False
        return True

    assert sorted(at_once(2, begin)) == [False, True]


def test_the_second_sees_nothing_of_the_first_until_both_are_done(
    smear: Smear, reader: Account, other: Account, third: Account
) -> None:
    cells = smear.cells(reader)
    smear.begin(reader)
    smear.label(reader, cells[:1], "band")
    smear.end(reader)
    smear.begin(other, Place.SECOND)
    assert labels(smear, other) == set()
    assert labels(smear, third) == set()  # who may still become the second
    smear.label(other, cells[:1], "ig", Place.SECOND)
    assert labels(smear, other) == {"ig"}
    assert labels(smear, reader) == {"band"}
    smear.end(other)
    for account in (reader, other, third):
        assert labels(smear, account) == {"band", "ig"}


def test_one_readers_acts_make_no_act_of_the_other_stale(
    smear: Smear, reader: Account, other: Account
) -> None:
    cell = smear.cells(reader)[0]
    smear.begin(reader)
    smear.begin(other, Place.SECOND)
    smear.label(reader, [cell], "band")
    acts.label(smear.store, other, smear.case_id, drawn(), {cell: 0}, "ig")
    with pytest.raises(StaleActError):
        acts.label(smear.store, other, smear.case_id, drawn(), {cell: 0}, "ig")


def test_nobody_takes_back_an_act_of_the_other_place(
    smear: Smear, reader: Account, other: Account
) -> None:
    cell = smear.cells(reader)[0]
    smear.begin(reader)
    smear.begin(other, Place.SECOND)
    act = smear.label(reader, [cell], "band")
    with pytest.raises(CaseError):
        acts.undo(smear.store, other, smear.case_id, drawn(), act, {cell: 1})


def test_who_reads_is_no_secret_and_scientists_see_no_names(
    smear: Smear, reader: Account, account: GetAccount
) -> None:
    smear.begin(reader)
    begun = smear.seen(account(Role.ADMIN)).events[-1]
    assert (begun.kind, begun.place, begun.by) == (Kind.BEGIN, Place.FIRST, "clinician")
    assert smear.seen(account(Role.SCIENTIST)).events[-1].by is None


def test_who_reads_no_more_ends_nothing(smear: Smear, reader: Account, other: Account) -> None:
    smear.begin(reader)
    with pytest.raises(CaseError):
        smear.end(other)
    smear.end(reader)
    with pytest.raises(CaseError):
        smear.end(reader)


def test_a_difference_is_settled_after_both_are_done(
    smear: Smear, reader: Account, other: Account, third: Account
) -> None:
    cell, *rest = smear.cells(reader)
    smear.begin(reader)
    smear.label(reader, [cell], "ig")
    smear.confirm(reader, rest)
    smear.end(reader)
    with pytest.raises(CaseError):
        smear.settle(third, [cell], "ig")
    smear.read(other, Place.SECOND)
    assert standing(smear.seen(third).events).of(cell).differs
    act = smear.settle(third, [cell], "metamyelocyte")
    said = standing(smear.seen(third).events).of(cell)
    assert (said.first, said.second, said.final) == ("ig", "neutrophil", "metamyelocyte")
    smear.undo(reader, act, Place.SETTLER)
    assert standing(smear.seen(third).events).of(cell).final is None


def test_a_case_of_one_reader_has_nothing_to_settle(
    store: Store, reader: Account, third: Account
) -> None:
    smear = Smear.opened(store, reader, SAID)
    smear.read(reader)
    with pytest.raises(CaseError):
        smear.settle(third, smear.cells(third)[:1], "ig")


def test_what_was_compared_is_settled_and_what_is_new_is_read(
    smear: Smear, reader: Account, other: Account
) -> None:
    cells = smear.cells(reader)
    smear.begin(reader)
    act = smear.label(reader, cells, "band")
    smear.end(reader)
    smear.read(other, Place.SECOND)
    smear.add_image(reader, ["eosinophil"])
    smear.begin(reader)
    with pytest.raises(CaseError):
        smear.label(reader, cells[:1], "neutrophil")
    with pytest.raises(CaseError):
        smear.undo(reader, act)
    smear.confirm(reader, smear.cells(reader)[-1:])
    assert labels(smear, other) == {"neutrophil", "monocyte"}  # blind again while one reads on


def test_a_cell_that_was_settled_meanwhile_is_settled_anew_from_what_is_shown(
    smear: Smear, reader: Account, other: Account
) -> None:
    smear.read(reader)
    smear.read(other, Place.SECOND)
    cell = smear.cells(reader)[0]
    shown = smear.versions(reader, [cell], Place.SETTLER)
    smear.settle(other, [cell], "ig")
    with pytest.raises(StaleActError):
        acts.settle(smear.store, reader, smear.case_id, drawn(), shown, "band")
