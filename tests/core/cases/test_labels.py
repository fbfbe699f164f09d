"""What a cell may be called: each has its own key, and facts that the taxonomy has stay its."""

import pytest

from core.cases.labels import LABELS, NOT_COUNTED, UNIDENTIFIED, Counts, case_label, is_label
from core.taxonomy import CLASSES, KEYS, OUTSIDE

STREAMLITS = {"R", "C", "ESCAPE"}
PAGES = {"U", "H", "N", "ENTER"}  # take back, heat map, next, confirm


def test_each_label_has_a_key_and_a_shortcut_of_its_own() -> None:
    for name in ("key", "name", "shortcut"):
        assert len({getattr(one, name) for one in LABELS}) == len(LABELS), name
    shortcuts = {one.shortcut for one in LABELS}
    assert all(len(one) == 1 and one == one.upper() for one in shortcuts)
    assert not shortcuts & (STREAMLITS | PAGES)


def test_no_two_labels_share_a_code() -> None:
    codes = [one.loinc for one in LABELS if one.loinc]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("known", [*CLASSES, *OUTSIDE], ids=lambda one: one.key)
def test_what_the_taxonomy_knows_is_a_label_as_it_is_there(known) -> None:
    found = case_label(known.key)
    assert (found.name, found.shortcut, found.counts_as) == (known.name, known.shortcut, known.key)
    assert (found.counts is Counts.WHITE) == known.white_cell


@pytest.mark.parametrize(
    ("key", "counts_as"),
    [
        ("band", "neutrophil"),
        ("metamyelocyte", "ig"),
        ("myelocyte", "ig"),
        ("promyelocyte", "ig"),
        ("plasma_cell", "plasma_cell"),
        ("blast", "blast"),
    ],
)
def test_finer_forms_count_as_their_class(key: str, counts_as: str) -> None:
    assert case_label(key).counts_as == counts_as
    assert case_label(key).counts is Counts.WHITE


def test_every_label_counts_as_one_that_counts_as_itself() -> None:
    for one in LABELS:
        assert case_label(one.counts_as).counts_as == one.counts_as
        assert case_label(one.counts_as).counts is one.counts
        assert one.counts_as in KEYS or one.counts_as == one.key


def test_what_is_no_white_cell_is_beside_or_nowhere() -> None:
    beside = {one.key for one in LABELS if one.counts is Counts.BESIDE}
    nowhere = {one.key for one in LABELS if one.counts is Counts.NOWHERE}
    assert beside == {"erythroblast", "smudge_cell", "no_cell"}
    assert nowhere == {"platelet", NOT_COUNTED}
    assert case_label(UNIDENTIFIED).counts is Counts.WHITE


def test_what_is_none_is_no_label() -> None:
    assert not is_label("martian")
    with pytest.raises(KeyError):
        case_label("martian")
