"""Temperature and threshold do on known predictions what they promise."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.training.packaging.calibrate import (
    fit_temperature,
    refer_limit,
    review_threshold,
    set_limits,
)
from core.training.packaging.limits import calibrated_on, elsewhere, with_limits
from core.vision.augmentation import NONE, Augmentation
from core.vision.class_mix import with_mix
from core.vision.classifier import softmax
from tests.factories import make_bundle, make_card


@pytest.mark.parametrize("mix", [np.ones(4), np.array([0.4, 0.3, 0.2, 0.1])])
def test_temperature_undoes_a_known_scaling(mix: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 4))
    chances = with_mix(softmax(logits), mix)
    targets = np.array([rng.choice(4, p=p) for p in chances])

    assert fit_temperature(logits * 3, targets, mix) == pytest.approx(3, rel=0.05)


def predictions(confidence: np.ndarray, wrong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of the first of two classes, and what is right."""
    return np.column_stack([confidence, 1 - confidence]), wrong.astype(int)


def test_threshold_is_the_lowest_that_keeps_the_promise() -> None:
    confidence = np.linspace(1.0, 0.5, 2_000)
    found = review_threshold(*predictions(confidence, confidence < 0.8), max_error=0.05)
    assert found == pytest.approx(0.79, abs=0.003)  # 1,200 right predictions bear 63 wrong ones


def test_one_more_wrong_prediction_hardly_moves_the_threshold() -> None:
    confidence = np.linspace(1.0, 0.5, 1_000)
    wrong = (np.arange(1_000) % 200 == 10) & (confidence > 0.55)  # 5 of 900, evenly
    one_more = wrong.copy()
    one_more[20] = True
    few = review_threshold(*predictions(confidence, wrong))
    more = review_threshold(*predictions(confidence, one_more))
    assert few < more < few + 0.15


def test_threshold_lets_nothing_pass_where_the_surest_predictions_are_wrong() -> None:
    confidence = np.linspace(1.0, 0.5, 200)
    found = review_threshold(*predictions(confidence, confidence > 0.9), max_error=0.1)
    assert found == 1.0


def test_sets_hold_the_right_class_as_often_as_promised_in_every_class() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (8_000, 3))
    probabilities = softmax(logits)
    targets = np.array([rng.choice(3, p=p) for p in probabilities])
    limits = set_limits(probabilities[:4_000], targets[:4_000])

    fresh, truth = probabilities[4_000:], targets[4_000:]
    for index in range(3):
        own = fresh[truth == index, index]
        assert (own >= limits[index]).mean() == pytest.approx(0.95, abs=0.02)


def test_a_class_with_too_few_cells_is_in_every_set() -> None:
    probabilities = np.column_stack([np.full(18, 0.9), np.full(18, 0.1)])
    assert set_limits(probabilities, np.zeros(18, dtype=int)).tolist() == [0.0, 0.0]


def test_no_laboratory_has_more_normal_cells_referred_than_promised() -> None:
    rng = np.random.default_rng(0)
    home, doubtful = rng.random(5_000) ** 20, rng.random(400) ** 2
    assert (home >= refer_limit(home)).mean() == pytest.approx(0.01, abs=0.001)
    limit = refer_limit(home, [doubtful, home[:0]])
    assert (doubtful >= limit).mean() == pytest.approx(0.04, abs=0.003)
    assert (home >= limit).mean() < 0.01


def test_a_card_is_calibrated_on_predictions_as_they_are_given(tmp_path: Path) -> None:
    card = make_bundle(tmp_path).card
    logits = np.zeros((200, card.outputs))
    logits[:, 1] = 1.0  # by the image alone, all of these are of the second class
    targets = np.zeros(200, int)
    mix = dict.fromkeys(card.classes, 1e-6) | {card.classes[0]: 1.0}

    assert calibrated_on(card, logits, targets).review_below == 1.0
    leaning = card.model_copy(update={"class_mix": mix})
    assert calibrated_on(leaning, logits, targets).review_below < 1.0


def test_what_is_wrong_elsewhere_raises_the_limit() -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 8, 400)
    logits = np.eye(8)[targets] * 3 + rng.normal(0, 0.5, (400, 8))
    changed = logits.copy()
    changed[:80] = np.roll(changed[:80], 1, axis=1)  # a fifth is taken for another class
    card = make_card()
    home = calibrated_on(card, logits, targets)
    both = calibrated_on(card, logits, targets, changed)
    assert home.review_below < both.review_below
    assert both.temperature == home.temperature
    assert both.set_limits == home.set_limits
    assert calibrated_on(card, logits, targets, logits).review_below == home.review_below


def test_elsewhere_it_may_be_wrong_twice_as_often() -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 8, 20_000)
    logits = np.eye(8)[targets] * 3 + rng.normal(0, 0.5, (20_000, 8))
    changed = logits.copy()
    changed[::140] = np.roll(changed[::140], 1, axis=1)  # 0.7%: between the two shares
    card = make_card()
    alone = calibrated_on(card, changed, targets).review_below
    home = calibrated_on(card, logits, targets).review_below
    assert home == calibrated_on(card, logits, targets, changed).review_below < alone


def test_images_of_elsewhere_are_the_same_cells_in_other_colours() -> None:
    images = np.full((3, 48, 48, 3), (200, 120, 180), np.uint8)
    how = Augmentation(stain=0.3, plain=1.0)
    seen = elsewhere(images, how, 32)
    assert (seen.shape, seen.dtype) == ((3, 32, 32, 3), np.uint8)
    assert len({tuple(colour) for colour in seen[:, 16, 16]}) == 3
    assert np.array_equal(seen, elsewhere(images, how, 32))


def test_images_take_colours_from_other_classes_too() -> None:
    colours = np.repeat([(200, 120, 180), (120, 180, 200)], 64, axis=0)  # class by class
    rng = np.random.default_rng(0)
    images = np.clip(colours[:, None, None] + rng.normal(0, 8, (128, 32, 32, 3)), 0, 255)
    seen = elsewhere(images.astype(np.uint8), replace(NONE, exchange=1.0), 32)
    redder = seen.mean(axis=(1, 2))[:64, 0] < 160
    assert redder.mean() > 0.2


def test_limits_are_found_on_what_the_network_tells() -> None:
    card = make_card(classes=("lymphocyte", "monocyte"), outside=("blast", "no_cell"))
    home = np.tile([6.0, 0.0, 0.0, 0.0], (200, 1))
    doubtful = np.tile([2.0, 0.0, 2.0, 0.0], (200, 1))
    assert with_limits(card, home, []).reject_above == 0.5
    assert with_limits(card, home, []).refer_above < 0.01
    assert with_limits(card, home, [doubtful]).refer_above == pytest.approx(0.44, abs=0.01)
    assert with_limits(make_card(), home, []).refer_above is None
