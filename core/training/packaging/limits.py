"""What a card promises, found on validation cells: temperature, limits, prediction sets."""

from dataclasses import replace

import numpy as np
import torch

from core.taxonomy import ABNORMAL_KEYS, NO_CELL
from core.training.config import TrainConfig
from core.training.loop.data import TrainingData
from core.training.packaging.calibrate import (
    MAX_CONFIDENT_ERROR,
    MAX_CONFIDENT_ERROR_ELSEWHERE,
    REJECT_ABOVE,
    RESAMPLES,
    fit_temperature,
    refer_limit,
    review_threshold,
    set_limits,
)
from core.vision.augment import augment
from core.vision.bundle import Bundle
from core.vision.card.contents import Card
from core.vision.class_mix import in_order
from core.vision.classifier import Classifier, class_probabilities, softmax
from core.vision.preparation import middle


def calibrated_on(
    card: Card, logits: np.ndarray, targets: np.ndarray, changed: np.ndarray | None = None
) -> Card:
    """The card with all that is found from what the runtime predicts on validation cells.

    Args:
        logits: (N, outputs) before temperature.
        targets: (N,) index into the card's classes.
        changed: (N, outputs), the same cells as other laboratories would have them. Predictions
            there may be wrong twice as often where it is confident.
    """
    count = len(card.classes)
    mix = in_order(card.class_mix, card.classes)
    temperature = fit_temperature(logits[:, :count], targets, mix)
    card = card.model_copy(update={"temperature": temperature})
    probabilities = class_probabilities(card, logits)
    limits = dict(zip(card.classes, set_limits(probabilities, targets).tolist(), strict=True))
    limit = review_threshold(probabilities, targets)
    rule = (
        f"the lowest confidence at which at most {MAX_CONFIDENT_ERROR:.1%} of the "
        f"{len(targets)} validation images predicted with more are wrong"
    )
    if changed is not None:
        elsewhere = class_probabilities(card, changed)
        limit = max(limit, review_threshold(elsewhere, targets, MAX_CONFIDENT_ERROR_ELSEWHERE))
        rule += (
            f", and at most {MAX_CONFIDENT_ERROR_ELSEWHERE:.1%} of the same images changed as "
            "stain, light and optics differ between laboratories"
        )
    return card.model_copy(
        update={
            "review_below": limit,
            "review_rule": f"{rule}; mean of {RESAMPLES} resamples",
            "set_limits": limits,
        }
    )


def elsewhere(images: np.ndarray, config: TrainConfig) -> np.ndarray:
    """The images without their margin, changed as laboratories differ.

    Args:
        images: (N, S, S, 3) uint8, with a margin.
    """
    generator = torch.Generator().manual_seed(config.seed)
    how = replace(config.augmentation, plain=0.0)
    parts = []
    for start in range(0, len(images), config.batch_size):
        pixels = torch.from_numpy(images[start : start + config.batch_size]).permute(0, 3, 1, 2)
        changed = augment(pixels, how, generator, config.side_px).add(1).mul(127.5).round()
        parts.append(changed.byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(parts)


def with_limits(bundle: Bundle, validation: np.ndarray, data: TrainingData) -> Card:
    """The card with the limits from which a prediction is referred or rejected."""
    card = bundle.card
    abnormal = [key in ABNORMAL_KEYS for key in (*card.classes, *card.outside)]
    update: dict[str, float] = {}
    if NO_CELL.key in card.outside:
        update["reject_above"] = REJECT_ABOVE
    if any(abnormal):
        classifier, elsewhere = Classifier(bundle), []
        for rows in data.further_rows:
            normal = rows[data.targets[rows] < len(card.classes)]
            logits = classifier.logits(middle(data.images[normal], card.side_px))
            elsewhere.append(softmax(logits / card.temperature)[:, abnormal].sum(axis=1))
        home = softmax(validation / card.temperature)[:, abnormal].sum(axis=1)
        update["refer_above"] = refer_limit(home, elsewhere)
    return card.model_copy(update=update)
