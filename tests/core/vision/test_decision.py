"""The rule that makes a prediction of scores: when it is sure, and what a person must look at."""

import numpy as np
import pytest

from core.morphology import Observed
from core.prediction import Status
from core.taxonomy import KEYS, OUTSIDE_KEYS
from core.vision.card.contents import Card
from core.vision.classifier import Scores
from core.vision.decision import (
    contradiction,
    decide,
    judge,
    judge_outside,
    likely_classes,
    set_in_words,
)
from tests.factories import make_card

LIMITS_OUTSIDE = {"outside": OUTSIDE_KEYS, "refer_above": 0.1, "reject_above": 0.5}


@pytest.fixture
def card() -> Card:
    return make_card(**LIMITS_OUTSIDE)


def scores(classes: dict[str, float], **outside: float) -> Scores:
    """Of one cell; what is not named has no probability."""
    shares = np.array([[classes.get(key, 0.0) for key in KEYS]])
    others = np.array([[outside.get(key, 0.0) for key in OUTSIDE_KEYS]])
    none = np.empty((1, 0))
    return Scores(shares, shares.argmax(axis=1), others, none, none, none)


def test_under_the_limit_a_person_must_look():
    status, reason = judge({"ig": 0.3, "neutrophil": 0.628, "platelet": 0.072}, 0.9)
    assert status == "review"
    assert reason == (
        "Confidence 62.8% is under the 90.0% that this model needs; "
        "second choice: Immature granulocyte, 30.0%."
    )


def test_at_the_limit_a_prediction_is_confident():
    status, reason = judge({"ig": 0.1, "neutrophil": 0.9}, 0.9)
    assert status == "confident"
    assert reason == "Confidence 90.0% reaches the 90.0% that this model needs."


def test_just_under_the_limit_never_reads_as_the_limit():
    _, reason = judge({"ig": 0.10001, "neutrophil": 0.89999}, 0.9)
    assert "Confidence just under 90.0% is under the 90.0%" in reason


LIMITS = {"ig": 0.2, "neutrophil": 0.95, "platelet": 0.9}


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ({"ig": 0.02, "neutrophil": 0.97, "platelet": 0.01}, ("neutrophil",)),
        ({"ig": 0.04, "neutrophil": 0.95, "platelet": 0.01}, ("neutrophil",)),
        ({"ig": 0.01, "neutrophil": 0.94, "platelet": 0.05}, ()),
    ],
)
def test_a_set_holds_what_reaches_its_limit(
    probabilities: dict[str, float], expected: tuple[str, ...]
) -> None:
    assert likely_classes(probabilities, LIMITS) == expected


def test_a_rare_cell_does_not_pass_as_a_common_one_because_it_is_rare() -> None:
    sure = {"erythroblast": 0.02, "lymphocyte": 0.98}
    status, reason = judge(sure, 0.9, ("lymphocyte",), alone="erythroblast")
    assert (status, "erythroblast is taken to be rare" in reason) == ("review", True)
    assert judge(sure, 0.9, ("lymphocyte",), alone="lymphocyte")[0] == "confident"


def test_a_set_is_in_order_of_probability() -> None:
    limits = {"ig": 0.2, "neutrophil": 0.2, "platelet": 0.9}
    given = {"ig": 0.3, "neutrophil": 0.65, "platelet": 0.05}
    assert likely_classes(given, limits) == ("neutrophil", "ig")
    assert set_in_words(("neutrophil", "ig")) == "neutrophil or immature granulocyte"
    assert set_in_words(("ig", "monocyte", "neutrophil")) == (
        "immature granulocyte, monocyte or neutrophil"
    )


def test_what_may_be_outside_the_classes_is_never_confident() -> None:
    sure, doubt = {"ig": 0.01, "neutrophil": 0.99}, {"blast": 0.04, "no_cell": 0.02}
    status, reason = judge(sure, 0.9, ("neutrophil",), outside=doubt)
    assert (status, "none of the classes: blast, 4%" in reason) == ("review", True)
    assert judge(sure, 0.9, ("neutrophil",), outside={"blast": 0.04})[0] == "confident"


def test_a_bundle_without_limits_gives_no_set() -> None:
    assert likely_classes({"ig": 0.3, "neutrophil": 0.7}, {}) is None


def test_a_sure_prediction_that_is_not_typical_is_for_review() -> None:
    status, reason = judge({"ig": 0.08, "neutrophil": 0.92}, 0.9, ())
    assert (status, "no typical neutrophil" in reason) == ("review", True)


def test_a_sure_prediction_with_another_likely_class_is_for_review() -> None:
    status, reason = judge({"ig": 0.08, "neutrophil": 0.92}, 0.9, ("neutrophil", "ig"))
    assert (status, "neutrophil or immature granulocyte" in reason) == ("review", True)


def test_what_shows_no_cell_is_rejected(card: Card) -> None:
    status, reason = judge_outside(card, {"no_cell": 0.8, "blast": 0.15})
    assert (status, "No blood cell" in reason) == ("rejected", True)


def test_what_may_be_a_blast_is_referred(card: Card) -> None:
    doubtful = {"no_cell": 0.2, "blast": 0.06, "smudge_cell": 0.05}
    status, reason = judge_outside(card, doubtful)
    assert (status, "suspected blast or abnormal cell: refer" in reason) == ("referred", True)


def test_what_may_be_one_of_the_classes_is_judged_as_such(card: Card) -> None:
    assert judge_outside(card, {"no_cell": 0.49, "blast": 0.09}) is None
    assert judge_outside(make_card(), {}) is None


def test_a_sure_impossible_value_is_a_reason_for_review() -> None:
    seen = {"granule_colour": Observed("red", 0.95), "cell_size": Observed("big", 0.99)}
    against = contradiction("neutrophil", seen, 0.9)
    assert against == "it does not look like a neutrophil: granules red, rather eosinophil"
    status, reason = judge({"neutrophil": 0.97, "eosinophil": 0.03}, 0.9, against=against)
    assert (status, against in reason) == ("review", True)


def test_a_contradiction_is_told_beside_any_other_doubt() -> None:
    against = "it does not look like a neutrophil: granules red, rather eosinophil"
    shares = {"neutrophil": 0.8, "eosinophil": 0.2}
    said = " It does not look like a neutrophil: granules red, rather eosinophil."
    for doubt in ({}, {"alone": "eosinophil"}, {"outside": {"blast": 0.2}}):
        limit = 0.7 if doubt else 0.9
        status, reason = judge(shares, limit, **doubt, against=against)
        assert status == "review"
        assert reason.endswith(said)
        assert judge(shares, limit, **doubt)[1] == reason.removesuffix(said)


def test_a_value_that_is_unsure_or_possible_contradicts_nothing() -> None:
    assert contradiction("neutrophil", {"granule_colour": Observed("red", 0.89)}, 0.9) is None
    assert contradiction("neutrophil", {"granule_colour": Observed("purple", 0.99)}, 0.9) is None
    assert contradiction("eosinophil", {"granule_colour": Observed("red", 0.99)}, 0.9) is None


def test_the_sentence_has_the_right_article() -> None:
    against = contradiction("eosinophil", {"nucleus_shape": Observed("irregular", 0.99)}, 0.9)
    assert against.startswith("it does not look like an eosinophil: nucleus irregular, rather ")


def test_what_may_be_a_blast_is_shown_beside_blasts_and_its_class(card: Card) -> None:
    made = decide(card, scores({"lymphocyte": 0.97, "monocyte": 0.03}, blast=0.3, smudge_cell=0.1))
    assert (made.status, made.label, made.confidence) == (Status.REFERRED, "lymphocyte", 0.97)
    assert made.shown_labels == ("blast", "lymphocyte")


def test_a_doubt_is_shown_beside_its_second_choice(card: Card) -> None:
    made = decide(card, scores({"lymphocyte": 0.8, "monocyte": 0.2}))
    assert (made.status, made.shown_labels) == (Status.REVIEW, ("lymphocyte", "monocyte"))


def test_where_no_cell_is_seen_nothing_is_told_of_it(card: Card) -> None:
    made = decide(card, scores({"lymphocyte": 1.0}, no_cell=0.9))
    assert (made.status, made.label, made.confidence) == (Status.REJECTED, "no_cell", 0.9)
    assert (made.seen, made.shown_labels) == ({}, ())


def test_what_is_sure_is_confident_and_shown_beside_its_own_class(card: Card) -> None:
    made = decide(card, scores({"lymphocyte": 1.0}))
    assert (made.status, made.shown_labels) == (Status.CONFIDENT, ("lymphocyte",))


def test_a_doubt_about_the_image_is_for_review_whatever_is_predicted(card: Card) -> None:
    sure = scores({"lymphocyte": 1.0})
    assert decide(card, sure).status == Status.CONFIDENT
    made = decide(card, sure, "the image has no colours")
    assert made.status == Status.REVIEW
    assert "but the image has no colours." in made.reason
