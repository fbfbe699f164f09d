"""Acts on cells: each lands on what was shown, once, whole, and can be taken back."""

import pytest

from core.access.accounts import Account
from core.cases import acts
from core.cases.labels import NOT_COUNTED
from core.cases.standing import last_act, last_undone, standing
from core.errors import CaseError, StaleActError
from core.prediction import Status
from core.records import audit
from core.records.cases.contents import Kind, Place
from core.records.store import Store
from tests.core.cases.smear import Smear, drawn
from tests.threads import at_once

SAID = ["neutrophil", "neutrophil", "monocyte", ("blast", Status.REFERRED), None]


@pytest.fixture
def smear(store: Store, reader: Account) -> Smear:
    """A case that its first reader is reading."""
    opened = Smear.opened(store, reader, SAID)
    opened.begin(reader)
    return opened


def firsts(smear: Smear, by: Account) -> list[str | None]:
    now = standing(smear.seen(by).events)
    return [now.of(cell).first for cell in smear.cells(by)]


def events(smear: Smear, by: Account) -> int:
    return len(smear.seen(by).events)


def test_many_are_named_in_one_act_and_taken_back_in_one(smear: Smear, reader: Account) -> None:
    a, b, c, *_ = smear.cells(reader)
    smear.confirm(reader, [a, b, c])
    act = smear.label(reader, [a, c], "band")
    assert firsts(smear, reader) == ["band", "neutrophil", "band", None, None]
    smear.undo(reader, act)
    assert firsts(smear, reader) == ["neutrophil", "neutrophil", "monocyte", None, None]
    smear.redo(reader, act)
    assert firsts(smear, reader) == ["band", "neutrophil", "band", None, None]
    smear.label(reader, [b], NOT_COUNTED)
    assert firsts(smear, reader)[1] == NOT_COUNTED


def test_the_models_word_stays_beside_the_readers(smear: Smear, reader: Account) -> None:
    cell = smear.cells(reader)[0]
    smear.label(reader, [cell], "band")
    (found, *_) = smear.seen(reader).cells
    assert found.suggestion is not None
    assert found.suggestion.label == "neutrophil"


def test_an_act_on_a_cell_that_changed_since_is_stale_and_nothing_of_it_is_done(
    smear: Smear, reader: Account
) -> None:
    a, b, *_ = smear.cells(reader)
    shown = smear.versions(reader, [a, b], Place.FIRST)
    smear.label(reader, [b], "band")
    before = events(smear, reader), firsts(smear, reader), smear.seen(reader).version
    for deed in (
        lambda: acts.confirm(smear.store, reader, smear.case_id, drawn(), shown),
        lambda: acts.label(smear.store, reader, smear.case_id, drawn(), shown, "ig"),
    ):
        with pytest.raises(StaleActError):
            deed()
    assert (events(smear, reader), firsts(smear, reader), smear.seen(reader).version) == before


def test_an_act_that_comes_again_is_done_once(smear: Smear, reader: Account) -> None:
    cell = smear.cells(reader)[0]
    act, seen = drawn(), {cell: 0}
    first = acts.label(smear.store, reader, smear.case_id, act, seen, "band")
    again = acts.label(smear.store, reader, smear.case_id, act, seen, "band")
    assert first == again
    assert standing(smear.seen(reader).events).version(Place.FIRST, cell) == 1
    assert len(audit.entries(smear.store, action="cells_labelled")) == 1


def test_an_id_of_another_act_is_refused(smear: Smear, reader: Account, other: Account) -> None:
    a, b, *_ = smear.cells(reader)
    smear.begin(other)
    act = drawn()
    acts.label(smear.store, reader, smear.case_id, act, {a: 0}, "band")
    with pytest.raises(CaseError):
        acts.confirm(smear.store, reader, smear.case_id, act, {b: 0})
    with pytest.raises(CaseError):
        acts.label(smear.store, other, smear.case_id, act, {b: 0}, "band")
    for none in ("", "x" * 65):
        with pytest.raises(CaseError):
            acts.label(smear.store, reader, smear.case_id, none, {b: 0}, "band")


def test_of_two_acts_on_one_version_one_is_done_and_the_other_stale(
    smear: Smear, reader: Account
) -> None:
    cell = smear.cells(reader)[0]
    keys = ["band", "ig", "monocyte", "blast"]

    def label(number: int) -> str | None:
        try:
            acts.label(smear.store, reader, smear.case_id, drawn(), {cell: 0}, keys[number])
        except StaleActError:
            return None
        return keys[number]

    done = [key for key in at_once(len(keys), label) if key]
    assert len(done) == 1
    assert firsts(smear, reader)[0] == done[0]


def test_one_act_that_two_threads_send_is_one_event(smear: Smear, reader: Account) -> None:
    cell = smear.cells(reader)[0]
    act = drawn()
    before = events(smear, reader)
    ids = at_once(
        4,
        lambda _: acts.label(smear.store, reader, smear.case_id, act, {cell: 0}, "band"),
    )
    assert len(set(ids)) == 1
    assert events(smear, reader) == before + 1


def test_suspected_cells_are_confirmed_one_at_a_time(smear: Smear, reader: Account) -> None:
    cells = smear.cells(reader)
    with pytest.raises(CaseError):
        smear.confirm(reader, cells[:4])
    assert firsts(smear, reader) == [None] * 5
    smear.confirm(reader, [cells[3]])
    assert firsts(smear, reader)[3] == "blast"


def test_what_the_model_could_not_read_is_labelled_not_confirmed(
    smear: Smear, reader: Account
) -> None:
    unread = smear.cells(reader)[4]
    with pytest.raises(CaseError):
        smear.confirm(reader, [unread])
    smear.label(reader, [unread], "lymphocyte")
    assert firsts(smear, reader)[4] == "lymphocyte"


def test_acts_are_about_cells_of_the_case_and_labels_that_there_are(
    smear: Smear, reader: Account
) -> None:
    elsewhere = Smear.opened(smear.store, reader, ["neutrophil"])
    before = events(smear, reader)
    for cells, key in (
        ({}, "band"),
        ({elsewhere.cells(reader)[0]: 0}, "band"),
        ({999: 0}, "band"),
        ({smear.cells(reader)[0]: 0}, "martian"),
    ):
        with pytest.raises(CaseError):
            acts.label(smear.store, reader, smear.case_id, drawn(), cells, key)
    assert events(smear, reader) == before


def test_who_is_not_reading_acts_on_nothing(smear: Smear, reader: Account, other: Account) -> None:
    cell = smear.cells(reader)[0]
    with pytest.raises(CaseError):
        acts.confirm(smear.store, other, smear.case_id, drawn(), {cell: 0})
    smear.end(reader)
    with pytest.raises(CaseError):
        acts.confirm(smear.store, reader, smear.case_id, drawn(), {cell: 0})


def test_a_colleague_at_the_same_place_takes_an_act_back(
    smear: Smear, reader: Account, other: Account
) -> None:
    cell = smear.cells(reader)[0]
    act = smear.label(reader, [cell], "band")
    smear.begin(other)
    smear.undo(other, act)
    assert firsts(smear, reader)[0] is None
    undo = smear.seen(other).events[-1]
    assert (undo.kind, undo.by, undo.target_id) == (Kind.UNDO, "other", act)


def test_what_a_later_act_stands_on_is_not_taken_back(smear: Smear, reader: Account) -> None:
    a, b, *_ = smear.cells(reader)
    first = smear.label(reader, [a, b], "band")
    second = smear.label(reader, [b], "ig")
    with pytest.raises(CaseError):
        smear.undo(reader, first)
    smear.undo(reader, second)
    smear.undo(reader, first)
    assert firsts(smear, reader)[:2] == [None, None]
    smear.redo(reader, second)
    with pytest.raises(CaseError):
        smear.redo(reader, first)
    assert firsts(smear, reader)[:2] == [None, "ig"]


def test_an_act_is_taken_back_once_and_done_again_once(smear: Smear, reader: Account) -> None:
    act = smear.label(reader, smear.cells(reader)[:1], "band")
    with pytest.raises(StaleActError):
        smear.redo(reader, act)
    undo = smear.undo(reader, act)
    with pytest.raises(StaleActError):
        smear.undo(reader, act)
    smear.redo(reader, act)
    with pytest.raises(CaseError):  # an act that takes back is not taken back itself
        smear.undo(reader, undo)
    with pytest.raises(CaseError):
        smear.undo(reader, 999)


def test_to_take_back_names_every_cell_of_the_act_as_it_was_shown(
    smear: Smear, reader: Account
) -> None:
    a, b, *_ = smear.cells(reader)
    act = smear.label(reader, [a, b], "band")
    for seen in ({a: 1}, {a: 1, b: 0}):
        with pytest.raises(StaleActError):
            acts.undo(smear.store, reader, smear.case_id, drawn(), act, seen)
    assert firsts(smear, reader)[:2] == ["band", "band"]


def test_of_two_who_take_one_act_back_one_does(smear: Smear, reader: Account) -> None:
    cell = smear.cells(reader)[0]
    act = smear.label(reader, [cell], "band")

    def undo(_: int) -> bool:
        try:
            acts.undo(smear.store, reader, smear.case_id, drawn(), act, {cell: 1})
        except StaleActError:
            return False
        return True

    assert sorted(at_once(3, undo)) == [False, False, True]


def test_taken_back_one_after_another_and_done_again_in_the_other_order(
    smear: Smear, reader: Account
) -> None:
    cells = smear.cells(reader)[:3]
    made = [smear.label(reader, [cell], "band") for cell in cells]
    for act in reversed(made):
        found = last_act(smear.seen(reader).events, Place.FIRST)
        assert found is not None
        assert found.id == act
        smear.undo(reader, act)
    assert last_act(smear.seen(reader).events, Place.FIRST) is None
    for act in made:
        found = last_undone(smear.seen(reader).events, Place.FIRST)
        assert found is not None
        assert found.id == act
        smear.redo(reader, act)
    assert last_undone(smear.seen(reader).events, Place.FIRST) is None
    smear.undo(reader, made[-1])
    smear.label(reader, cells[:1], "ig")
    assert last_undone(smear.seen(reader).events, Place.FIRST) is None


def test_the_trail_says_who_acted_and_nothing_of_labels(smear: Smear, reader: Account) -> None:
    smear.label(reader, smear.cells(reader)[:2], "band")
    (entry,) = audit.entries(smear.store, action="cells_labelled")
    assert (entry.actor, entry.subject) == ("clinician", f"case {smear.case_id}")
    assert (entry.details["cells"], entry.details["place"]) == (2, "first")
    assert "band" not in str(entry.details)
