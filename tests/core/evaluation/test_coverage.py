"""Prediction sets are counted by class, as they were promised."""

from core.evaluation.coverage import coverage_table, prediction_sets
from core.taxonomy import KEYS

LIMITS = dict.fromkeys(KEYS, 0.3)


def test_a_set_holds_the_classes_that_reach_their_limit(evaluated) -> None:
    sets = prediction_sets(evaluated([0, 1], [0, 2], sure=[0.9, 0.6]), LIMITS | {KEYS[2]: 0.7})
    assert sets.sum(axis=1).tolist() == [1, 0]
    assert sets[0, 0]


def test_a_class_without_a_limit_is_in_no_set(evaluated) -> None:
    assert not prediction_sets(evaluated([0], [0]), {KEYS[1]: 0.0})[0, 0]


def test_coverage_is_counted_by_class_and_over_all(evaluated) -> None:
    # the first class: right, right, wrong; the second: right but too unsure to be in a set
    result = evaluated([0, 0, 0, 1], [0, 0, 1, 1], sure=[0.9, 0.9, 0.9, 0.25])
    table = coverage_table(result, LIMITS).set_index("true")
    assert table["n"].to_dict() == {KEYS[0]: 3, KEYS[1]: 1, "": 4}
    assert table["covered"].round(3).to_dict() == {KEYS[0]: 0.667, KEYS[1]: 0.0, "": 0.5}
    assert table["empty"].to_dict() == {KEYS[0]: 0.0, KEYS[1]: 1.0, "": 0.25}
    assert table.loc["", "single"] == 0.75
    assert table.loc[KEYS[0], "low"] < 2 / 3 < table.loc[KEYS[0], "high"]


def test_low_limits_make_sets_of_several_classes(evaluated) -> None:
    table = coverage_table(evaluated([0], [1], sure=0.5), dict.fromkeys(KEYS, 0.05))
    assert table["several"].tolist() == [1.0, 1.0]
    assert table["covered"].tolist() == [1.0, 1.0]
