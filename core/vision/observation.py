"""What a bundle tells of a cell's morphology beside its class."""

from collections.abc import Sequence

import numpy as np

from core.morphology import Observed, at_odds
from core.vision.card.contents import AttributesCard


def observed(
    card: AttributesCard | None, shares: np.ndarray, likely: Sequence[str]
) -> dict[str, Observed]:
    """The attributes that the bundle is sure of, by key; none of those that contradict each other.

    Nor any of what is surely of a class that it has not learnt them from: what it would say of a
    platelet's nucleus means nothing.

    Args:
        likely: classes that the cell may well be.
        shares: (A,) the probability of each attribute's values, in the card's order.
    """
    if card is None or not set(likely) & set(card.classes):
        return {}
    best = likeliest(card, shares[np.newaxis])
    seen = {
        key: Observed(str(value), float(confidence))
        for key, ((value,), (confidence,)) in best.items()
        if confidence >= card.sure_from
    }
    unclear = at_odds({key: one.value for key, one in seen.items()})
    return {key: one for key, one in seen.items() if key not in unclear}


def likeliest(card: AttributesCard, shares: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The likeliest value (N,) of each attribute and how probable it is (N,), sure or not.

    Args:
        shares: (N, A) the probability of each attribute's values, in the card's order.
    """
    best, start = {}, 0
    for key, values in card.values.items():
        own = shares[:, start : start + len(values)]
        start += len(values)
        best[key] = np.array(values)[own.argmax(axis=1)], own.max(axis=1)
    return best
