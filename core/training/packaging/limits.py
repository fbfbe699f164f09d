"""What a card promises, found on validation cells: temperature, limits, prediction sets."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from core.taxonomy import ABNORMAL_KEYS, NO_CELL
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
from core.vision.augmentation import Augmentation
from core.vision.card.contents import Card
from core.vision.class_mix import in_order
from core.vision.classifier import class_probabilities, softmax

BATCH = 64  # images that take colours and surroundings from each other


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
        there = class_probabilities(card, changed)
        limit = max(limit, review_threshold(there, targets, MAX_CONFIDENT_ERROR_ELSEWHERE))
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


def elsewhere(images: np.ndarray, how: Augmentation, side_px: int, seed: int = 0) -> np.ndarray:
    """The images without their margin, changed as laboratories differ.

    They are changed in an order of chance: what they take from each other would else come from
    their own class, for images often stand class by class.

    Args:
        images: (N, S, S, 3) uint8, with a margin.
    """
    generator = torch.Generator().manual_seed(seed)
    how = replace(how, plain=0.0)
    order = np.random.default_rng(seed).permutation(len(images))
    seen = np.empty((len(images), side_px, side_px, 3), dtype=np.uint8)
    for rows in np.array_split(order, max(1, len(order) // BATCH)):
        pixels = torch.from_numpy(images[rows]).permute(0, 3, 1, 2)
        changed = augment(pixels, how, generator, side_px).add(1).mul(127.5).round()
        seen[rows] = changed.byte().permute(0, 2, 3, 1).numpy()
    return seen


def with_limits(card: Card, home: np.ndarray, others: Sequence[np.ndarray]) -> Card:
    """The card with the limits from which a prediction is referred or rejected.

    Args:
        home: (N, outputs) before temperature, of validation cells.
        others: (M, outputs) each, of other laboratories' normal cells, which were trained on.
    """
    abnormal = [key in ABNORMAL_KEYS for key in (*card.classes, *card.outside)]
    update: dict[str, float] = {}
    if NO_CELL.key in card.outside:
        update["reject_above"] = REJECT_ABOVE
    if any(abnormal):
        of_home, *of_others = (
            softmax(logits / card.temperature)[:, abnormal].sum(axis=1)
            for logits in (home, *others)
        )
        update["refer_above"] = refer_limit(of_home, of_others)
    return card.model_copy(update=update)
