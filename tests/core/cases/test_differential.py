"""A differential as laboratories count it."""

import math

import pytest

from core.cases.differential import SUSPECTED, Counted, differential


def of(labels: list[str], key: str) -> Counted:
    told = differential(labels)
    (found,) = (one for one in (*told.shares, *told.beside) if one.key == key)
    return found


@pytest.mark.parametrize(
    ("count", "total", "table"),
    [
        (0, 100, (0, 4)),
        (1, 100, (0, 6)),
        (2, 100, (0, 8)),
        (5, 100, (1, 12)),
        (10, 100, (4, 18)),
        (20, 100, (12, 30)),
        (50, 100, (39, 61)),
        (0, 200, (0, 2)),
        (5, 200, (0, 6)),
        (50, 200, (19, 32)),
        (100, 100, (96, 100)),
    ],
)
def test_limits_rounded_outward_are_the_table_on_the_wall(
    count: int, total: int, table: tuple[int, int]
) -> None:
    counted = of(["monocyte"] * count + ["neutrophil"] * (total - count), "monocyte")
    assert counted.rounded == table


def test_white_cells_alone_make_up_the_hundred() -> None:
    told = differential(
        ["neutrophil"] * 60
        + ["lymphocyte"] * 30
        + ["blast"] * 10
        + ["erythroblast"] * 150
        + ["smudge_cell"] * 5
        + ["no_cell"] * 2
        + ["platelet"] * 40
    )
    assert told.white_cells == 100
    assert sum(one.per_100 for one in told.shares) == pytest.approx(100)
    assert {one.key: one.per_100 for one in told.shares if one.count} == {
        "neutrophil": 60,
        "lymphocyte": 30,
        "blast": 10,
    }
    assert {one.key: one.per_100 for one in told.beside} == {
        "erythroblast": 150,
        "smudge_cell": 5,
        "no_cell": 2,
    }
    for one in told.beside:
        assert one.low < one.per_100 < one.high


def test_every_class_of_white_cells_stands_there_though_none_was_seen() -> None:
    told = differential(["neutrophil"] * 100)
    assert [one.rounded for one in told.shares if one.key == "basophil"] == [(0, 4)]
    assert "blast" not in {one.key for one in told.shares}


def test_suspected_cells_are_white_cells_of_no_class_yet() -> None:
    told = differential(["neutrophil"] * 95, suspected=5)
    assert told.white_cells == 100
    (suspected,) = (one for one in told.shares if one.key == SUSPECTED)
    assert (suspected.count, suspected.rounded) == (5, (1, 12))


def test_nothing_counted_allows_everything() -> None:
    told = differential(["platelet", "erythroblast"])
    assert told.white_cells == 0
    assert {(one.per_100, one.low, one.high) for one in told.shares} == {(0, 0, 100)}
    (beside,) = told.beside
    assert beside.per_100 == math.inf


def test_a_label_that_is_none_is_an_error() -> None:
    with pytest.raises(KeyError):
        differential(["martian"])


def test_finer_forms_make_up_their_class() -> None:
    told = differential(["band", "neutrophil", "myelocyte", "promyelocyte", "plasma_cell"])
    assert {one.key: one.count for one in told.shares if one.count} == {
        "neutrophil": 2,
        "ig": 2,
        "plasma_cell": 1,
    }
    assert told.white_cells == 5


def test_what_is_not_counted_counts_nowhere() -> None:
    told = differential(["neutrophil", "not_counted"])
    assert (told.white_cells, told.beside) == (1, ())


def test_of_a_class_that_nobody_saw_none_was_counted() -> None:
    told = differential(["neutrophil"] * 100)
    assert (told.of("blast").count, told.of("blast").rounded) == (0, (0, 4))
