"""The class mix is found from answers alone, and drawn towards what blood holds."""

import numpy as np
import pytest

from core.vision.class_mix import estimate_mix, in_order, mix_weight, softened, with_mix

CLASSES = ("erythroblast", "lymphocyte", "neutrophil")


def answers(sure: float, counts: tuple[int, int, int]) -> np.ndarray:
    """So many answers for each class, each that sure, the rest shared by the others."""
    rows = [np.full(3, (1 - sure) / 2) for _ in range(sum(counts))]
    for row, target in zip(rows, np.repeat([0, 1, 2], counts), strict=True):
        row[target] = sure
    return np.array(rows)


def test_what_is_seen_clearly_is_believed() -> None:
    mix = estimate_mix(answers(0.99, (0, 60, 140)), CLASSES, weight=0.001)
    assert mix == pytest.approx([0, 0.3, 0.7], abs=0.01)
    assert mix.sum() == pytest.approx(1)


def test_a_rare_class_needs_evidence() -> None:
    doubtful = answers(0.5, (20, 80, 100))
    assert estimate_mix(doubtful, CLASSES)[0] < 0.04
    assert estimate_mix(answers(0.99, (20, 80, 100)), CLASSES)[0] > 0.05


def test_doubtful_answers_follow_the_mix_and_sure_ones_do_not() -> None:
    mix = np.array([0.01, 0.49, 0.5])
    doubtful, sure = with_mix(np.array([[0.5, 0.45, 0.05], [0.999, 0.0005, 0.0005]]), mix)
    assert doubtful.argmax() == 1
    assert sure.argmax() == 0
    assert doubtful.sum() == pytest.approx(1)


def test_a_class_that_the_mix_does_not_name_gets_the_least() -> None:
    assert in_order({"ig": 0.1, "monocyte": 0.9}, ("monocyte", "platelet")).tolist() == [0.9, 0.1]


def test_the_mix_counts_more_where_the_network_is_less_sure() -> None:
    sure, unsure, lost = (answers(share, (10, 80, 100)) for share in (0.99, 0.9, 0.5))
    assert mix_weight(sure) == 1.0
    assert 1.5 < mix_weight(unsure) < 3.0
    assert mix_weight(lost) == 3.0


def test_softened_answers_are_less_sure_in_the_same_order() -> None:
    (hard,) = soft = np.array([[0.9, 0.09, 0.01]])
    assert softened(soft, 1.0) == pytest.approx(soft)
    (found,) = softened(soft, 2.0)
    assert found.sum() == pytest.approx(1)
    assert found[0] < hard[0] and found[2] > hard[2]
    assert found.argsort().tolist() == hard.argsort().tolist()
