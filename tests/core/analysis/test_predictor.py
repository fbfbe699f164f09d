import json
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.intake import CellImage, Refused
from core.analysis.predictor import Predictor
from core.errors import BundleError, BundleRefusedError, ProfileError
from core.prediction import CellRef, Prediction
from core.taxonomy import KEYS, OUTSIDE_KEYS
from core.vision.card.contents import Card
from core.vision.classifier import Classifier, Scores
from tests.factories import make_profile

REFUSED = Refused("notes.txt", "no image")


def stacked(predictions: list[Prediction]) -> np.ndarray:
    return np.array([list(p.probabilities.values()) for p in predictions])


def name(item: Prediction | Refused) -> str:
    return item.cell.name if isinstance(item, Prediction) else item.name


def test_a_prediction_is_whole(predictor, images):
    [prediction] = predictor.predict(images[:1])
    assert tuple(prediction.probabilities) == KEYS
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert prediction.confidence == max(prediction.probabilities.values())
    assert prediction.probabilities[prediction.label] == prediction.confidence
    assert prediction.cell == CellRef(images[0].sha256, images[0].name)
    assert prediction.bundle == "tiny"
    assert prediction.milliseconds > 0
    assert json.loads(json.dumps(prediction.to_dict()))["label"] == prediction.label


def test_a_profile_of_another_model_is_refused(predictor):
    with pytest.raises(ProfileError):
        Predictor(predictor.classifier, make_profile(bundle="other"))


def test_no_images_no_predictions(predictor):
    assert predictor.predict([]) == []


def test_alone_or_in_a_batch_an_image_gets_the_same_prediction(predictor, images):
    together = stacked(predictor.predict(images))
    alone = np.concatenate([stacked(predictor.predict([image])) for image in images])
    assert np.abs(together - alone).max() < 1e-6
    assert np.ptp(together, axis=0).max() > 1e-6  # the images do differ


def test_the_same_batch_twice_gets_the_same_predictions(predictor, images):
    assert np.array_equal(stacked(predictor.predict(images)), stacked(predictor.predict(images)))


def test_a_stream_keeps_the_order_and_passes_the_refused_through(predictor, images):
    items = [images[0], REFUSED, *images[1:], REFUSED]
    streamed = list(predictor.stream(items, batch=3))
    assert [name(item) for item in streamed] == [item.name for item in items]
    assert [isinstance(item, Refused) for item in streamed] == [
        isinstance(item, Refused) for item in items
    ]


def test_first_predictions_come_before_the_last_image_is_read(predictor, images):
    read: list[CellImage] = []
    stream = predictor.stream((read.append(image) or image for image in images), batch=2)
    assert name(next(stream)) == images[0].name
    assert len(read) == 2


def test_the_image_alone_is_told_from_the_class_mix(predictor, images) -> None:
    classifier = predictor.classifier
    mix = dict.fromkeys(classifier.bundle.card.classes, 1e-6)
    cells = [image.rgb for image in images]
    plain = classifier.scores(cells)
    rarest = mix | {"platelet": 1.0}
    card = classifier.bundle.card.model_copy(update={"class_mix": rarest})
    leaning = Classifier(replace(classifier.bundle, card=card)).scores(cells)
    assert (leaning.classes.argmax(axis=1) == list(rarest).index("platelet")).all()
    assert (leaning.alone == plain.classes.argmax(axis=1)).all()


@pytest.fixture
def card(predictor) -> Card:
    changes = {"outside": OUTSIDE_KEYS, "refer_above": 0.1, "reject_above": 0.5}
    return predictor.classifier.bundle.card.model_copy(update=changes)


def test_a_rejected_image_has_no_class(card: Card, predictor, images) -> None:
    class SeesNothing(Classifier):
        def __init__(self) -> None:
            self.bundle = replace(predictor.classifier.bundle, card=card)

        def scores(self, images, profile=None):
            outside = np.tile([0.0, 0.0, 0.0, 0.9], (len(images), 1))
            none = np.empty((len(images), 0))
            classes, alone = np.full((len(images), 8), 1 / 8), np.zeros(len(images), int)
            return Scores(classes, alone, outside, none, none, none)

    prediction = Predictor(SeesNothing()).predict(images[:1])[0]
    assert (prediction.status, prediction.label, prediction.confidence) == (
        "rejected",
        "no_cell",
        0.9,
    )
    assert sum(prediction.probabilities.values()) == pytest.approx(1)


class Fussy(Classifier):
    """Fails, as a network's own error, on a batch with an image of a certain width."""

    def __init__(self, sound: Classifier, width_px: int, error: Exception) -> None:
        self._sound, self._width_px, self._error = sound, width_px, error
        self.bundle = sound.bundle

    def scores(self, images, profile=None):
        if any(image.width == self._width_px for image in images):
            raise self._error
        return self._sound.scores(images, profile)


@pytest.fixture
def fussy(predictor, images) -> Predictor:
    return Predictor(Fussy(predictor.classifier, images[3].rgb.width, IndexError("empty")))


def test_an_image_that_a_step_cannot_take_is_refused_alone(fussy, predictor, images) -> None:
    given = fussy.predict_each(images)
    assert [isinstance(one, Refused) for one in given] == [n == 3 for n in range(len(images))]
    assert given[3].name == images[3].name
    sound = [one for one in given if isinstance(one, Prediction)]
    expected = predictor.predict([*images[:3], *images[4:]])
    assert [one.label for one in sound] == [one.label for one in expected]


def test_a_stream_goes_on_past_it(fussy, images) -> None:
    given = list(fussy.stream(images, batch=3))
    assert [name(one) for one in given] == [image.name for image in images]
    assert sum(isinstance(one, Refused) for one in given) == 1


def test_the_models_own_fault_is_no_images(predictor, images) -> None:
    broken = Fussy(predictor.classifier, images[0].rgb.width, BundleRefusedError("No locator."))
    with pytest.raises(BundleRefusedError):
        Predictor(broken).predict_each(images)


def test_a_runtime_that_fails_is_the_models_fault(predictor, images, monkeypatch) -> None:
    def fail(_: np.ndarray) -> None:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(predictor.classifier._runtime, "run", fail)
    with pytest.raises(BundleError):
        predictor.predict_each(images)
    monkeypatch.undo()
    assert len(predictor.predict_each(images)) == len(images)
