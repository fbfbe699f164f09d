import pytest

from core.evaluation.calibration import calibration_error, reliability


def test_error_is_the_gap_weighted_by_samples(evaluated):
    sure = [0.95] * 10 + [0.6] * 10
    result = evaluated([0] * 20, [0] * 5 + [1] * 5 + [0] * 6 + [1] * 4, sure)
    value, low, high = calibration_error(result)
    assert value == pytest.approx((0.45 + 0.0) / 2)
    assert low <= value <= high


def test_gaps_inside_a_bin_cancel(evaluated):
    result = evaluated([0] * 4, [0, 0, 0, 1], 0.75)
    assert calibration_error(result)[0] == pytest.approx(0)


def test_reliability_has_a_row_for_each_bin_in_use(evaluated):
    rows = reliability(evaluated([0] * 10, [0] * 9 + [1], [0.95] * 6 + [0.5] * 4))
    assert rows["n"].tolist() == [4, 6]
    assert rows["accuracy"].tolist() == [0.75, 1.0]
    assert rows["confidence"].tolist() == pytest.approx([0.5, 0.95])
    assert (rows["low"] <= rows["accuracy"]).all()
    assert (rows["accuracy"] <= rows["high"]).all()


def test_full_confidence_falls_into_the_last_bin(evaluated):
    assert reliability(evaluated([0, 0], [0, 0], 1.0))["n"].tolist() == [2]
