"""The class mix is found from predictions alone; what is rare in blood needs evidence."""

import numpy as np
import pytest

from core.taxonomy import cell_class
from core.vision.class_mix import estimate_mix, in_order, usual_mix, with_mix

CLASSES = ("erythroblast", "lymphocyte", "neutrophil")


def predictions(sure: float, counts: tuple[int, int, int]) -> np.ndarray:
    """So many predictions for each class, each that sure, the rest shared by the others."""
    rows = [np.full(3, (1 - sure) / 2) for _ in range(sum(counts))]
    for row, target in zip(rows, np.repeat([0, 1, 2], counts), strict=True):
        row[target] = sure
    return np.array(rows)


def rarity(mix: dict[str, float]) -> float:
    """How common erythroblasts are taken to be against lymphocytes."""
    return mix["erythroblast"] / mix["lymphocyte"]


def test_where_nothing_is_known_rare_classes_count_less() -> None:
    mix = usual_mix(CLASSES)
    assert sum(mix.values()) == pytest.approx(1)
    assert 0.1 < rarity(mix) < 0.5
    assert mix["lymphocyte"] == mix["neutrophil"]


def test_a_rare_class_needs_evidence() -> None:
    doubtful, none = predictions(0.5, (20, 80, 100)), predictions(0.99, (0, 80, 120))
    assert rarity(estimate_mix(doubtful, CLASSES)) < 0.06
    assert rarity(estimate_mix(none, CLASSES)) < 0.06
    assert rarity(estimate_mix(predictions(0.99, (90, 60, 100)), CLASSES)) > 0.1


def test_a_rare_class_that_was_not_seen_is_still_found_where_it_is_clear() -> None:
    mix = estimate_mix(predictions(0.99, (0, 80, 120)), CLASSES)

    erythroblast = with_mix(np.array([[0.97, 0.02, 0.01]]), in_order(mix, CLASSES))

    assert rarity(mix) == pytest.approx(cell_class("erythroblast").rarity)
    assert erythroblast.argmax() == 0


def test_common_classes_count_alike_however_many_there_are() -> None:
    mix = estimate_mix(predictions(0.9, (0, 5, 195)), CLASSES)
    assert mix["lymphocyte"] == mix["neutrophil"]
    assert sum(mix.values()) == pytest.approx(1)


def test_classes_that_are_all_rare_have_a_mix_as_well() -> None:
    mix = estimate_mix(np.array([[0.9, 0.1], [0.8, 0.2]]), ("erythroblast", "platelet"))
    assert mix["erythroblast"] > mix["platelet"]


def test_what_is_rare_keeps_its_rarity_where_all_classes_are_rare() -> None:
    classes = ("erythroblast", "ig")
    mix = estimate_mix(np.tile([0.0, 1.0], (200, 1)), classes)
    assert mix["erythroblast"] / mix["ig"] == pytest.approx(cell_class("erythroblast").rarity)


def test_doubtful_predictions_follow_the_mix_and_sure_ones_do_not() -> None:
    mix = np.array([0.01, 0.49, 0.5])
    doubtful, sure = with_mix(np.array([[0.5, 0.45, 0.05], [0.999, 0.0005, 0.0005]]), mix)
    assert doubtful.argmax() == 1
    assert sure.argmax() == 0
    assert doubtful.sum() == pytest.approx(1)


def test_a_class_that_the_mix_does_not_name_gets_the_least() -> None:
    assert in_order({"ig": 0.1, "monocyte": 0.9}, ("monocyte", "platelet")).tolist() == [0.9, 0.1]
