"""What a class cannot have is said as a colleague would."""

from core.analysis.attributes import contradiction
from core.analysis.prediction import judge
from core.morphology import Observed


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
