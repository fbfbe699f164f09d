"""Two readers beside each other."""

import pytest

from core.access.accounts import Account
from core.cases import readers
from core.cases.agreement import Pair, agreement, kappa
from core.records.cases.contents import Place
from core.records.store import Store
from tests.core.cases.smear import Smear, drawn


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], None),
        ([("a", "a")] * 5, None),  # chance alone has them agree
        ([("a", "a"), ("b", "b")] * 5, 1.0),
        ([("a", "b"), ("b", "a")] * 5, -1.0),
        # Cohen's own form of table: 20, 5, 10, 15
        ([("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15, 0.4),
    ],
)
def test_kappa(pairs: list[Pair], expected: float | None) -> None:
    assert kappa(pairs) == (expected if expected is None else pytest.approx(expected))


def test_readers_of_the_same_cells(store: Store, reader: Account, other: Account) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"] * 60 + ["lymphocyte"] * 40)
    readers.ask_second(store, reader, smear.case_id, drawn())
    smear.read(reader)
    cells = smear.cells(other)
    smear.begin(other, Place.SECOND)
    smear.label(other, cells[:1], "band", Place.SECOND)  # counts alike
    smear.confirm(other, cells[1:60], Place.SECOND)
    smear.label(other, cells[60:80], "monocyte", Place.SECOND)
    smear.confirm(other, cells[80:], Place.SECOND)
    smear.end(other)
    told = agreement(smear.seen(other))
    assert (told.cells, told.share) == (100, pytest.approx(0.8))
    chance = 0.6 * 0.6 + 0.4 * 0.2
    assert told.kappa == pytest.approx((0.8 - chance) / (1 - chance))
    by_key = {one.key: one for one in told.classes}
    lymphocytes, monocytes = by_key["lymphocyte"], by_key["monocyte"]
    assert (lymphocytes.both, lymphocytes.either, lymphocytes.share) == (20, 40, 0.5)
    assert (lymphocytes.first.count, lymphocytes.second.count) == (40, 20)
    assert not lymphocytes.inside  # of 100, 40 is 30 to 51 and 20 is 12 to 30
    assert (monocytes.first.count, monocytes.second.count, monocytes.inside) == (0, 20, False)
    assert by_key["neutrophil"].inside
    assert by_key["basophil"].inside
    assert by_key["basophil"].share is None


def test_readers_of_different_cells_are_compared_by_their_counts(
    store: Store, reader: Account, other: Account
) -> None:
    smear = Smear.opened(store, reader, ["neutrophil", "neutrophil"] * 190 + ["monocyte"] * 20, 400)
    smear.read(reader)
    smear.begin(other, Place.SECOND)
    own = smear.cells(other)[1::2]
    smear.label(other, own[:50], "blast", Place.SECOND)
    smear.confirm(other, own[50:], Place.SECOND)
    smear.end(other)
    told = {one.key: one for one in agreement(smear.seen(other)).classes}
    assert (told["blast"].first.count, told["blast"].second.count) == (0, 50)
    assert not told["blast"].inside
    assert (told["monocyte"].first.count, told["monocyte"].second.count) == (10, 10)
    assert told["monocyte"].inside


def test_of_one_reader_nothing_is_compared(store: Store, reader: Account) -> None:
    smear = Smear.opened(store, reader, ["neutrophil"] * 3)
    told = agreement(smear.seen(reader))
    assert (told.cells, told.share, told.kappa) == (0, None, None)
