"""A case is read in a handful of queries, and without what its reader may not know."""

import pytest
from sqlalchemy import event

from core.access.accounts import Account, Role
from core.cases import view
from core.records.cases import events, smears, whole
from core.records.cases.contents import OF_CELLS, Place
from core.records.store import Store
from tests.core.cases.conftest import GetAccount
from tests.core.cases.smear import Smear


@pytest.fixture
def reader(account: GetAccount) -> Account:
    return account(Role.CLINICIAN)


def asked(store: Store, by: Account, case_id: int) -> int:
    """How many queries it takes to read a case."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    view.read(store, by, case_id)
    event.remove(store.engine, "before_cursor_execute", note)
    return len(statements)


def test_more_cells_and_events_take_no_more_queries(store: Store, reader: Account) -> None:
    small = Smear.opened(store, reader, ["neutrophil"])
    large = Smear.opened(store, reader, ["neutrophil"] * 50)
    for smear in (small, large):
        smear.begin(reader)
        for cell in smear.cells(reader):
            smear.confirm(reader, [cell])
    large.add_image(reader, ["monocyte"] * 20)
    assert asked(store, reader, large.case_id) == asked(store, reader, small.case_id) <= 8


def test_acts_of_other_places_are_left_out_by_the_query(
    store: Store, reader: Account, account: GetAccount
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"], rule=400)
    second = account(Role.ADMIN)
    for by, place in ((reader, Place.FIRST), (second, Place.SECOND)):
        smear.begin(by, place)
        smear.label(by, smear.cells(by), "band", place)
    with store.read() as session:
        row = smears.find(session, smear.case_id)
        for places in ((), (Place.FIRST,), (Place.SECOND,), tuple(Place)):
            shown = whole.read(session, row, places).events
            of_cells = [one.place for one in shown if one.kind in OF_CELLS]
            assert of_cells == [one for one in places if one is not Place.SETTLER]
            assert len(shown) == 2 + len(of_cells)


def test_cells_of_another_case_are_not_found(store: Store, reader: Account) -> None:
    one, other = (Smear.opened(store, reader, ["neutrophil"]) for _ in range(2))
    wanted = [*one.cells(reader), *other.cells(reader)]
    with store.read() as session:
        assert list(whole.cells(session, one.case_id, wanted)) == one.cells(reader)


def test_events_tell_what_they_are_about(store: Store, reader: Account) -> None:
    smear = Smear.opened(store, reader, ["neutrophil", "monocyte"])
    smear.begin(reader)
    cells = smear.cells(reader)
    act = smear.label(reader, cells, "band")
    smear.undo(reader, act)
    with store.read() as session:
        named, undone = events.touching(session, cells[:1])
        assert events.find(session, smear.case_id, act) == named
        assert events.find(session, smear.case_id + 1, act) is None
        assert [one.kind.value for one in events.sittings(session, smear.case_id)] == ["begin"]
    assert named.cells == dict.fromkeys(cells, "band")
    assert (undone.target_id, undone.cells) == (act, dict.fromkeys(cells))
    assert named.at.tzinfo is not None
