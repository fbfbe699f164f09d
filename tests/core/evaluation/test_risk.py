"""Risk and coverage on predictions that can be counted by hand."""

import pytest

from core.evaluation.risk import risk_curve


def test_the_curve_goes_from_the_surest_prediction_to_all(evaluated) -> None:
    # by confidence: right, right, wrong, right
    result = evaluated([0, 1, 2, 3], [0, 1, 0, 3], sure=[0.9, 0.8, 0.7, 0.6])
    curve = risk_curve(result)
    assert curve["coverage"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve["wrong"].tolist() == [0, 0, 1, 1]
    assert curve["risk"].tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4])


def test_equally_sure_predictions_are_kept_together(evaluated) -> None:
    result = evaluated([0, 1, 2], [0, 0, 2], sure=[0.9, 0.8, 0.8])
    assert risk_curve(result)["kept"].tolist() == [1, 3]
