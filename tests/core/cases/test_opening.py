"""A case is opened, and holds each image once."""

import pytest

from core.access.accounts import Account, Role
from core.cases import view
from core.cases.opening import add_image, open_case
from core.cases.sittings import RULES
from core.errors import CaseError
from core.records import audit
from core.records.cases import smears
from core.records.cases.contents import State
from core.records.store import Store
from tests.core.cases.conftest import GetAccount
from tests.core.cases.smear import Smear, field_of, found_cell, logged
from tests.threads import at_once

IMAGE = "ab" * 32


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("role", Role)
def test_everybody_opens_cases(store: Store, account: GetAccount, role: Role, rule: int) -> None:
    case_id = open_case(store, account(role), " S-7 ", "Wright", rule)
    case = view.read(store, account(role), case_id)
    assert (case.identifier, case.stain, case.rule) == ("S-7", "Wright", rule)
    assert (case.state, case.version, case.cells) == (State.OPEN, 0, ())
    assert audit.entries(store)[0].action == "case_opened"


@pytest.mark.parametrize(
    ("identifier", "stain", "rule"),
    [("", "", 100), (" ", "", 100), ("S" * 65, "", 100), ("S", "s" * 65, 100), ("S", "", 150)],
)
def test_what_makes_no_case_is_refused(
    store: Store, reader: Account, identifier: str, stain: str, rule: int
) -> None:
    with pytest.raises(CaseError):
        open_case(store, reader, identifier, stain, rule)
    assert smears.listed(store) == []


def test_whole_white_cells_are_cells_and_all_others_are_kept_for_drawing(
    store: Store, reader: Account
) -> None:
    case_id = open_case(store, reader, "S", "", 100)
    cells = [found_cell(0), found_cell(1, cut=True), found_cell(2), found_cell(3, "rbc")]
    readings = logged(store, reader, ["neutrophil", None, None, None], IMAGE)
    image_id = add_image(store, reader, case_id, "a.png", IMAGE, field_of(*cells), readings)
    case = view.read(store, reader, case_id)
    (image,) = case.images
    assert (image.id, image.sha256, image.width, image.um_per_px) == (image_id, IMAGE, 640, 0.1)
    assert [cell.box for cell in case.cells] == [cells[0].box, cells[2].box]
    known, unread = case.cells
    assert known.suggestion is not None
    assert (known.suggestion.label, known.suggestion.reading_id) == ("neutrophil", readings[0])
    assert unread.suggestion is None
    assert [(one["kind"], one["cut"]) for one in smears.others(store, image_id)] == [
        ("wbc", True),
        ("rbc", False),
    ]


def test_an_image_counts_once_in_a_case_and_again_in_another(store: Store, reader: Account) -> None:
    cases = [open_case(store, reader, name, "", 100) for name in ("one", "two")]
    readings = logged(store, reader, ["neutrophil"], IMAGE)
    for case_id in cases:
        add_image(store, reader, case_id, "a.png", IMAGE, field_of(found_cell(0)), readings)
    with pytest.raises(CaseError, match=r"b\.png.*as a\.png"):
        add_image(store, reader, cases[0], "b.png", IMAGE, field_of(found_cell(0)), readings)
    assert len(view.read(store, reader, cases[0]).cells) == 1


def test_an_image_that_two_add_at_once_counts_once(store: Store, reader: Account) -> None:
    case_id = open_case(store, reader, "S", "", 100)
    readings = logged(store, reader, ["neutrophil"], IMAGE)

    def add(_: int) -> bool:
        try:
            add_image(store, reader, case_id, "a.png", IMAGE, field_of(found_cell(0)), readings)
        except CaseError:
            return False
        return True

    assert sorted(at_once(4, add)) == [False, False, False, True]
    assert len(view.read(store, reader, case_id).cells) == 1


def test_readings_of_other_images_and_of_others_are_refused(
    store: Store, reader: Account, other: Account
) -> None:
    case_id = open_case(store, reader, "S", "", 100)
    for readings in (
        logged(store, reader, ["neutrophil"], "cd" * 32),
        logged(store, other, ["neutrophil"], IMAGE),
    ):
        with pytest.raises(CaseError):
            add_image(store, reader, case_id, "a", IMAGE, field_of(found_cell(0)), readings)
    twice = logged(store, reader, ["neutrophil"], IMAGE)
    with pytest.raises(CaseError):
        add_image(
            store,
            reader,
            case_id,
            "a",
            IMAGE,
            field_of(found_cell(0), found_cell(1)),
            {0: twice[0], 1: twice[0]},
        )
    assert view.read(store, reader, case_id).images == ()


def test_images_come_in_the_order_in_which_they_were_added(store: Store, reader: Account) -> None:
    smear = Smear.opened(store, reader, ["neutrophil", "monocyte"])
    smear.add_image(reader, ["eosinophil"])
    said = [one.suggestion.label for one in smear.seen(reader).cells if one.suggestion]
    assert said == ["neutrophil", "monocyte", "eosinophil"]


def test_no_such_case_and_no_such_image_are_told(store: Store, reader: Account) -> None:
    with pytest.raises(CaseError):
        view.read(store, reader, 7)
    with pytest.raises(CaseError):
        add_image(store, reader, 7, "a", IMAGE, field_of(), {})
    with pytest.raises(CaseError):
        smears.others(store, 7)


def test_the_list_begins_with_what_has_waited_longest(store: Store, reader: Account) -> None:
    first = Smear.opened(store, reader, ["neutrophil"] * 3)
    first.add_image(reader, ["monocyte"])
    second = open_case(store, reader, "S-2", "", 200)
    lines = smears.listed(store, State.OPEN)
    assert [(one.id, one.images, one.cells) for one in lines] == [
        (first.case_id, 2, 4),
        (second, 0, 0),
    ]
    assert smears.listed(store, State.SIGNED) == []
    assert [one.id for one in smears.listed(store, identifier="S-2")] == [second]
