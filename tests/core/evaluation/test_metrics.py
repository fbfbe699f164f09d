import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from core.evaluation.metrics import summary
from core.taxonomy import KEYS


def some_predictions(n: int, classes: int, seed: int = 0) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    return truth.tolist(), np.where(rng.random(n) < 0.8, truth, rng.integers(0, 8, n)).tolist()


def test_figures_are_those_of_scikit_learn(evaluated):
    truth, predicted = some_predictions(400, 8)
    metrics = summary(evaluated(truth, predicted))
    assert metrics.accuracy.value == pytest.approx(accuracy_score(truth, predicted))
    for average, ours in (("macro", metrics.macro), ("weighted", metrics.weighted)):
        theirs = precision_recall_fscore_support(truth, predicted, average=average)[:3]
        assert [ours[n].value for n in ("precision", "recall", "f1")] == pytest.approx(theirs)
    *theirs, support = precision_recall_fscore_support(truth, predicted)
    for at, key in enumerate(KEYS):
        ours = [metrics.per_class[key][n].value for n in ("precision", "recall", "f1")]
        assert ours == pytest.approx([figure[at] for figure in theirs])
        assert metrics.support[key] == support[at]


def test_macro_leaves_out_classes_without_a_sample(evaluated):
    truth, predicted = some_predictions(300, 5)
    metrics = summary(evaluated(truth, predicted))
    f1 = precision_recall_fscore_support(truth, predicted, labels=range(5), average="macro")[2]
    assert metrics.macro["f1"].value == pytest.approx(f1)
    assert math.isnan(metrics.per_class["platelet"]["recall"].value)
    assert math.isnan(metrics.per_class["platelet"]["recall"].low)


def test_a_class_never_predicted_scores_zero(evaluated):
    metrics = summary(evaluated([0, 0, 1, 1], [0, 0, 0, 0]))
    assert metrics.per_class[KEYS[1]]["precision"].value == 0
    assert metrics.macro["recall"].value == 0.5


def test_intervals_agree_with_resampling_the_samples(evaluated):
    truth, predicted = some_predictions(500, 8)
    ours = summary(evaluated(truth, predicted), bootstrap=4000).macro["f1"]
    rng = np.random.default_rng(1)
    picks = rng.integers(0, 500, (400, 500))
    drawn = [
        precision_recall_fscore_support(
            np.array(truth)[p], np.array(predicted)[p], average="macro", zero_division=0
        )[2]
        for p in picks
    ]
    assert (ours.low, ours.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)
    assert ours.low < ours.value < ours.high


def test_intervals_hold_the_truth_about_as_often_as_they_say(evaluated):
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        right = rng.random(300) < 0.9
        found = summary(evaluated([0] * 300, np.where(right, 0, 1).tolist()), 300, seed).accuracy
        held += found.low <= 0.9 <= found.high
    assert 0.9 <= held / 200 <= 0.99


def test_same_seed_same_intervals(evaluated):
    result = evaluated(*some_predictions(100, 8))
    assert summary(result, seed=3) == summary(result, seed=3)
    assert summary(result, seed=3) != summary(result, seed=4)


def test_all_right_is_not_certain(evaluated):
    metrics = summary(evaluated([0] * 100 + [1] * 30, [0] * 100 + [1] * 30))
    for name in ("precision", "recall", "f1"):
        estimate = metrics.per_class[KEYS[0]][name]
        assert (estimate.value, estimate.high) == (1, 1)
        assert estimate.low == pytest.approx(0.9638, abs=1e-4)  # scipy: beta.ppf(0.025, 100, 1)
        assert metrics.per_class[KEYS[1]][name].low == pytest.approx(0.8843, abs=1e-4)


def test_of_a_class_never_predicted_precision_may_be_anything(evaluated):
    precision = summary(evaluated([0, 0, 1, 1], [0, 0, 0, 0])).per_class[KEYS[1]]["precision"]
    assert (precision.low, precision.high) == (0, 1)
