"""The count goes as far as the rule, and nothing in it or doubtful is left unseen."""

import pytest

from core.access.accounts import Account
from core.cases import readers
from core.cases.count import count, left, rest_of_class, shares
from core.cases.differential import SUSPECTED
from core.cases.labels import NOT_COUNTED, UNIDENTIFIED
from core.prediction import Status
from core.records.cases.contents import Case, Place
from core.records.store import Store
from tests.core.cases.smear import Said, Smear, drawn

REFERRED: Said = ("lymphocyte", Status.REFERRED)
REVIEW: Said = ("lymphocyte", Status.REVIEW)


def counts(case: Case) -> dict[str, int]:
    told = count(case).differential
    return {one.key: one.count for one in (*told.shares, *told.beside) if one.count}


def opened(store: Store, by: Account, said: list[Said], rule: int = 100) -> Smear:
    smear = Smear.opened(store, by, said, rule)
    smear.begin(by)
    return smear


def test_the_count_takes_the_first_white_cells_in_scan_order(store: Store, reader: Account) -> None:
    said: list[Said] = ["erythroblast", *["neutrophil"] * 90, "no_cell", *["monocyte"] * 30]
    smear = opened(store, reader, said)
    case = smear.seen(reader)
    assert counts(case) == {"neutrophil": 90, "monocyte": 10, "erythroblast": 1, "no_cell": 1}
    assert count(case).cells == tuple(smear.cells(reader)[:102])
    assert count(case).missing == 0


def test_a_cell_that_turns_out_not_to_count_lets_another_in(store: Store, reader: Account) -> None:
    smear = opened(store, reader, ["neutrophil"] * 100 + ["monocyte"])
    smear.label(reader, smear.cells(reader)[:1], NOT_COUNTED)
    assert counts(smear.seen(reader)) == {"neutrophil": 99, "monocyte": 1}
    smear.label(reader, smear.cells(reader)[:2], "smudge_cell")
    assert counts(smear.seen(reader)) == {"neutrophil": 98, "monocyte": 1, "smudge_cell": 2}
    assert count(smear.seen(reader)).missing == 1


def test_until_named_suspected_and_unread_cells_hold_their_place(
    store: Store, reader: Account
) -> None:
    smear = opened(store, reader, [REFERRED, None, *["neutrophil"] * 100])
    assert counts(smear.seen(reader)) == {SUSPECTED: 1, UNIDENTIFIED: 1, "neutrophil": 98}
    smear.label(reader, smear.cells(reader)[:2], "blast")
    assert counts(smear.seen(reader)) == {"blast": 2, "neutrophil": 98}


def test_left_are_the_cells_of_the_count_and_doubtful_ones_beyond(
    store: Store, reader: Account
) -> None:
    said: list[Said] = ["neutrophil"] * 100 + ["monocyte", REVIEW, REFERRED]
    smear = opened(store, reader, said)
    cells = smear.cells(reader)
    still = left(smear.seen(reader))
    assert (still.unseen, still.doubtful) == (tuple(cells[:100]), tuple(cells[101:]))
    assert (still.readings, still.missing) == ((Place.FIRST,), 0)
    smear.confirm(reader, cells[:100])
    smear.label(reader, cells[101:102], UNIDENTIFIED)
    smear.confirm(reader, cells[102:])
    still = left(smear.seen(reader))
    assert (still.unseen, still.doubtful, still.unidentified) == ((), (), (cells[101],))
    smear.label(reader, cells[101:102], "lymphocyte")
    smear.end(reader)
    assert left(smear.seen(reader)).nothing


def test_a_count_that_falls_short_is_not_done(store: Store, reader: Account) -> None:
    smear = opened(store, reader, ["neutrophil"] * 99)
    smear.confirm(reader, smear.cells(reader))
    smear.end(reader)
    assert left(smear.seen(reader)).missing == 1
    smear.add_image(reader, ["neutrophil"])
    smear.begin(reader)
    smear.confirm(reader, smear.cells(reader)[-1:])
    smear.end(reader)
    assert left(smear.seen(reader)).nothing


def test_both_readers_see_every_cell_of_a_count_that_both_make(
    store: Store, reader: Account, other: Account
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"] * 100 + [REVIEW])
    readers.ask_second(store, reader, smear.case_id, drawn())
    smear.read(reader)
    cells = smear.cells(other)
    case = smear.seen(other)
    assert left(case).readings == (Place.SECOND,)
    still = left(case, Place.SECOND)
    assert (still.unseen, still.doubtful) == (tuple(cells[:100]), ())  # one looks beyond the count
    smear.begin(other, Place.SECOND)
    smear.label(other, cells[:1], "ig", Place.SECOND)
    smear.confirm(other, cells[1:100], Place.SECOND)
    smear.end(other)
    still = left(smear.seen(other))
    assert (still.unseen, still.disagreements) == ((), (cells[0],))
    smear.settle(other, cells[:1], "ig")
    assert left(smear.seen(other)).nothing
    assert counts(smear.seen(other)) == {"neutrophil": 99, "ig": 1}


def test_by_the_rule_of_400_each_reader_counts_200_cells_of_their_own(
    store: Store, reader: Account, other: Account
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil", "monocyte"] * 210, 400)
    cells = smear.cells(reader)
    case = smear.seen(reader)
    assert shares(case) == {
        Place.FIRST: tuple(cells[0:400:2]),
        Place.SECOND: tuple(cells[1:400:2]),
    }
    assert counts(case) == {"neutrophil": 200, "monocyte": 200}
    for by, place in ((reader, Place.FIRST), (other, Place.SECOND)):
        smear.begin(by, place)
        smear.confirm(by, shares(smear.seen(by))[place], place)
        smear.end(by)
    assert left(smear.seen(reader)).nothing
    assert count(smear.seen(reader)).differential.white_cells == 400


def test_one_readers_artefacts_move_no_cell_of_the_other(
    store: Store, reader: Account, other: Account
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"] * 410, 400)
    before = shares(smear.seen(other))[Place.SECOND]
    smear.begin(reader)
    smear.label(reader, smear.cells(reader)[:1], "no_cell")
    for by in (reader, other):
        assert shares(smear.seen(by))[Place.SECOND] == before
    assert len(shares(smear.seen(reader))[Place.FIRST]) == 201


@pytest.mark.parametrize(("rule", "expected"), [(100, 100), (200, 200)])
def test_the_rest_of_a_class_is_what_the_reader_has_not_seen_of_it(
    store: Store, reader: Account, rule: int, expected: int
) -> None:
    said: list[Said] = [REFERRED, *["lymphocyte", "monocyte"] * 300]
    smear = opened(store, reader, said, rule)
    cells = smear.cells(reader)
    smear.label(reader, cells[1:2], "blast")
    rest = rest_of_class(smear.seen(reader), Place.FIRST, "lymphocyte")
    scanned = cells[1:expected]
    assert list(rest) == scanned[2::2]
    smear.confirm(reader, list(rest))
    assert rest_of_class(smear.seen(reader), Place.FIRST, "lymphocyte") == {}
