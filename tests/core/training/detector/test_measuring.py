"""How found cells are set against boxed ones."""

import numpy as np
import pytest

from core.training.detector.measuring import Matched, hits

TRUE = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])


def test_a_boxed_cell_is_hit_once_and_only_where_it_is() -> None:
    found = np.array([[0.0, 0, 10, 9], [1, 0, 11, 10], [40, 0, 50, 10], [20, 1, 30, 11]])
    assert hits(found, TRUE) == [True, False, False, True]
    assert hits(found, np.empty((0, 4))) == [False] * 4


def test_figures_of_a_score_count_what_is_seen_from_it_on() -> None:
    told = Matched(np.array([0.9, 0.8, 0.6, 0.3]), np.array([1, 0, 1, 0], bool), boxed=4, images=2)
    assert told.figures(0.5) == {
        "boxed": 4,
        "recall": 0.5,
        "f1": round(2 * 2 / (3 + 4), 4),
        "false_per_field": 0.5,
        "map50": pytest.approx((1 + 2 / 3) / 4, abs=1e-4),
    }
    assert told.best_score() == 0.6


def test_everything_found_and_nothing_else_is_a_precision_of_one() -> None:
    told = Matched(np.array([0.9, 0.8]), np.ones(2, bool), boxed=2, images=1)
    assert told.average_precision() == 1
