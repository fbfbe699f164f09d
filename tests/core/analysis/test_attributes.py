"""What is unsure is left out; what a class cannot have is said as a colleague would."""

import numpy as np
import pytest

from core.analysis.attributes import contradiction, observed
from core.analysis.prediction import judge
from core.morphology import Observed
from core.vision.card import AttributesCard


@pytest.fixture
def card() -> AttributesCard:
    return AttributesCard(
        source="a test",
        licence="none",
        citation="none",
        images={},
        classes=("neutrophil", "eosinophil"),
        values={"granule_colour": ("nil", "pink", "red"), "cell_size": ("big", "small")},
        temperature={"granule_colour": 1.0, "cell_size": 1.0},
        sure_from=0.6,
        contradicts_from=0.9,
    )


def test_what_is_unsure_is_left_out(card: AttributesCard) -> None:
    shares = np.array([0.1, 0.2, 0.7, 0.55, 0.45])
    assert observed(card, shares, ["ig", "neutrophil"]) == {"granule_colour": Observed("red", 0.7)}


def test_nothing_is_told_of_a_class_that_was_not_learnt(card: AttributesCard) -> None:
    shares = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    assert observed(card, shares, ["platelet"]) == {}
    assert observed(None, shares[:0], ["neutrophil"]) == {}


def test_a_sure_impossible_value_is_a_reason_for_review() -> None:
    seen = {"granule_colour": Observed("red", 0.95), "cell_size": Observed("big", 0.99)}
    against = contradiction("neutrophil", seen, 0.9)
    assert against == "it does not look like a neutrophil: granules red, rather eosinophil"
    status, reason = judge({"neutrophil": 0.97, "eosinophil": 0.03}, 0.9, against=against)
    assert (status, against in reason) == ("review", True)


def test_a_value_that_is_unsure_or_possible_contradicts_nothing() -> None:
    assert contradiction("neutrophil", {"granule_colour": Observed("red", 0.89)}, 0.9) is None
    assert contradiction("neutrophil", {"granule_colour": Observed("purple", 0.99)}, 0.9) is None
    assert contradiction("eosinophil", {"granule_colour": Observed("red", 0.99)}, 0.9) is None
