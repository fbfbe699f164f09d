"""What is unsure is left out, and so is all of a class that was not learnt."""

import numpy as np
import pytest

from core.morphology import Observed
from core.vision.card.contents import AttributesCard
from core.vision.observation import likeliest, observed
from tests.factories import make_attributes_card


@pytest.fixture
def card() -> AttributesCard:
    values = {"granule_colour": ("nil", "pink", "red"), "cell_size": ("big", "small")}
    return make_attributes_card(("neutrophil", "eosinophil"), values=values, sure_from=0.6)


def test_what_is_unsure_is_left_out(card: AttributesCard) -> None:
    shares = np.array([0.1, 0.2, 0.7, 0.55, 0.45])
    assert observed(card, shares, ["ig", "neutrophil"]) == {"granule_colour": Observed("red", 0.7)}


def test_what_contradicts_itself_is_left_out(card: AttributesCard) -> None:
    values = {"granularity": ("no", "yes"), "granule_colour": ("nil", "pink", "red")}
    own = card.model_copy(update={"values": values | {"cell_size": ("big", "small")}})
    shares = np.array([0.9, 0.1, 0.1, 0.2, 0.7, 0.9, 0.1])  # no granules, but red ones
    assert observed(own, shares, ["neutrophil"]) == {"cell_size": Observed("big", 0.9)}
    shares[:2] = 0.1, 0.9
    assert set(observed(own, shares, ["neutrophil"])) == {*values, "cell_size"}


def test_nothing_is_told_of_a_class_that_was_not_learnt(card: AttributesCard) -> None:
    shares = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    assert observed(card, shares, ["platelet"]) == {}
    assert observed(None, shares[:0], ["neutrophil"]) == {}


def test_the_likeliest_value_of_each_attribute_is_given_sure_or_not(card: AttributesCard) -> None:
    best = likeliest(card, np.array([[0.1, 0.2, 0.7, 0.55, 0.45], [0.5, 0.3, 0.2, 0.0, 1.0]]))
    assert {key: value.tolist() for key, (value, _) in best.items()} == {
        "granule_colour": ["red", "nil"],
        "cell_size": ["big", "small"],
    }
    assert best["cell_size"][1].tolist() == [0.55, 1.0]
