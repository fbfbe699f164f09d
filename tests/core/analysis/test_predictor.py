import json
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.intake import CellImage, Refused
from core.analysis.prediction import (
    Prediction,
    judge,
    judge_outside,
    likely_classes,
    set_in_words,
)
from core.analysis.predictor import Predictor
from core.taxonomy import KEYS, OUTSIDE_KEYS
from core.vision.card.contents import Card
from core.vision.classifier import Classifier, Scores

REFUSED = Refused("notes.txt", "no image")


def answers(predictions: list[Prediction]) -> np.ndarray:
    return np.array([list(p.probabilities.values()) for p in predictions])


def test_an_answer_is_whole(predictor, images):
    [answer] = predictor.predict(images[:1])
    assert tuple(answer.probabilities) == KEYS
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert answer.confidence == max(answer.probabilities.values())
    assert answer.probabilities[answer.label] == answer.confidence
    assert (answer.name, answer.image_hash) == (images[0].name, images[0].sha256)
    assert answer.bundle == "tiny"
    assert answer.milliseconds > 0
    assert json.loads(json.dumps(answer.to_dict()))["label"] == answer.label


def test_no_images_no_answers(predictor):
    assert predictor.predict([]) == []


def test_alone_or_in_a_batch_an_image_gets_the_same_answer(predictor, images):
    together = answers(predictor.predict(images))
    alone = np.concatenate([answers(predictor.predict([image])) for image in images])
    assert np.abs(together - alone).max() < 1e-6
    assert np.ptp(together, axis=0).max() > 1e-6  # the images do differ


def test_the_same_batch_twice_gets_the_same_answers(predictor, images):
    assert np.array_equal(answers(predictor.predict(images)), answers(predictor.predict(images)))


def test_a_stream_keeps_the_order_and_passes_the_refused_through(predictor, images):
    items = [images[0], REFUSED, *images[1:], REFUSED]
    streamed = list(predictor.stream(items, batch=3))
    assert [item.name for item in streamed] == [item.name for item in items]
    assert [isinstance(item, Refused) for item in streamed] == [
        isinstance(item, Refused) for item in items
    ]


def test_first_answers_come_before_the_last_image_is_read(predictor, images):
    read: list[CellImage] = []
    stream = predictor.stream((read.append(image) or image for image in images), batch=2)
    assert next(stream).name == images[0].name
    assert len(read) == 2


def test_under_the_limit_a_person_must_look():
    status, reason = judge({"ig": 0.3, "neutrophil": 0.628, "platelet": 0.072}, 0.9)
    assert status == "review"
    assert reason == (
        "Confidence 62.8% is under the 90.0% that this bundle needs; "
        "second choice: Immature granulocyte, 30.0%."
    )


def test_at_the_limit_an_answer_is_confident():
    status, reason = judge({"ig": 0.1, "neutrophil": 0.9}, 0.9)
    assert status == "confident"
    assert reason == "Confidence 90.0% reaches the 90.0% that this bundle needs."


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


def test_the_picture_alone_is_told_from_the_class_mix(predictor, images) -> None:
    classifier = predictor.classifier
    mix = dict.fromkeys(classifier.bundle.card.classes, 1e-6)
    pictures = [image.picture for image in images]
    plain = classifier.scores(pictures)
    rarest = mix | {"platelet": 1.0}
    card = classifier.bundle.card.model_copy(update={"class_mix": rarest})
    leaning = Classifier(replace(classifier.bundle, card=card)).scores(pictures)
    assert (leaning.classes.argmax(axis=1) == list(rarest).index("platelet")).all()
    assert (leaning.alone == plain.classes.argmax(axis=1)).all()


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


def test_a_sure_answer_that_is_not_typical_is_for_review() -> None:
    status, reason = judge({"ig": 0.08, "neutrophil": 0.92}, 0.9, ())
    assert (status, "no typical neutrophil" in reason) == ("review", True)


def test_a_sure_answer_with_another_likely_class_is_for_review() -> None:
    status, reason = judge({"ig": 0.08, "neutrophil": 0.92}, 0.9, ("neutrophil", "ig"))
    assert (status, "neutrophil or immature granulocyte" in reason) == ("review", True)


@pytest.fixture
def card(predictor) -> Card:
    changes = {"outside": OUTSIDE_KEYS, "refer_above": 0.1, "reject_above": 0.5}
    return predictor.classifier.bundle.card.model_copy(update=changes)


def test_what_shows_no_cell_is_rejected(card: Card) -> None:
    status, reason = judge_outside(card, {"no_cell": 0.8, "blast": 0.15})
    assert (status, "No blood cell" in reason) == ("rejected", True)


def test_what_may_be_a_blast_is_referred(card: Card) -> None:
    doubtful = {"no_cell": 0.2, "blast": 0.06, "smudge_cell": 0.05}
    status, reason = judge_outside(card, doubtful)
    assert (status, "possible blast or abnormal cell: refer" in reason) == ("review", True)


def test_what_may_be_one_of_the_classes_is_judged_as_such(card: Card, predictor) -> None:
    assert judge_outside(card, {"no_cell": 0.49, "blast": 0.09}) is None
    assert judge_outside(predictor.classifier.bundle.card, {}) is None


def test_a_rejected_picture_has_no_class(card: Card, predictor, images) -> None:
    class SeesNothing(Classifier):
        def __init__(self) -> None:
            self.bundle = replace(predictor.classifier.bundle, card=card)

        def scores(self, images, profile=None):
            outside = np.tile([0.0, 0.0, 0.0, 0.9], (len(images), 1))
            none = np.empty((len(images), 0))
            classes, alone = np.full((len(images), 8), 1 / 8), np.zeros(len(images), int)
            return Scores(classes, alone, outside, none, none, none)

    answer = Predictor(SeesNothing()).predict(images[:1])[0]
    assert (answer.status, answer.label, answer.confidence) == ("rejected", "no_cell", 0.9)
    assert sum(answer.probabilities.values()) == pytest.approx(1)
