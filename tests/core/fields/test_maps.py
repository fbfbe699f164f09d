"""Maps of places become boxes, each cell once."""

import numpy as np
import pytest

from core.fields.maps import BOX, CHANNELS, STRIDE, Boxes, overlaps, peaks, without_doubles
from core.fields.scale import KINDS, PLATELET, RBC, RED_CELL_PX, WBC

LEAST = np.full(len(KINDS), 0.3)


def maps_with(*cells: tuple[int, int, int, float, tuple[float, float, float, float]]) -> np.ndarray:
    """Maps of 16x16 places: kind, row, column, logit, and what is told of the box there."""
    maps = np.zeros((CHANNELS, 16, 16), dtype=np.float32)
    maps[: len(KINDS)] = -8
    for kind, row, column, logit, told in cells:
        maps[kind, row, column] = logit
        for part in range(BOX):
            maps[len(KINDS) * (1 + part) + kind, row, column] = told[part]
    return maps


def test_a_peak_becomes_the_box_that_its_place_tells() -> None:
    found = peaks(maps_with((RBC, 5, 9, 2.0, (0.25, -0.5, 0.0, np.log(0.5)))), LEAST)

    assert found.kinds.tolist() == [RBC]
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-2)))
    x, y = found.centres[0]
    assert (x, y) == pytest.approx(((9 + 0.5 + 0.25) * STRIDE, (5 + 0.5 - 0.5) * STRIDE))
    assert found.sides[0] == pytest.approx((RED_CELL_PX, RED_CELL_PX / 2))


def test_kinds_have_peaks_of_their_own_and_neighbours_give_way() -> None:
    plain = (0.0, 0.0, 0.0, 0.0)
    found = peaks(
        maps_with(
            (WBC, 4, 4, 3.0, plain),
            (WBC, 4, 5, 2.0, plain),  # beside a higher one
            (PLATELET, 4, 4, 1.0, plain),
            (RBC, 10, 10, -3.0, plain),  # too unsure
        ),
        LEAST,
    )
    assert sorted(found.kinds.tolist()) == [WBC, PLATELET]


def test_of_boxes_of_a_kind_that_overlap_the_surest_stays() -> None:
    corners = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [30, 0, 40, 10]], float)
    kinds = np.array([RBC, RBC, WBC, RBC])
    found = without_doubles(Boxes(corners, kinds, np.array([0.5, 0.9, 0.4, 0.3])), most=0.5)

    assert found.scores.tolist() == [0.9, 0.4, 0.3]


def test_overlap_is_shared_area_over_the_area_of_both() -> None:
    ours = np.array([[0.0, 0.0, 10.0, 10.0]])
    theirs = np.array([[5.0, 0.0, 15.0, 10.0], [0.0, 0.0, 10.0, 10.0], [20.0, 20.0, 21.0, 21.0]])
    assert overlaps(ours, theirs)[0] == pytest.approx([1 / 3, 1, 0])
