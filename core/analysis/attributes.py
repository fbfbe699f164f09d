"""What is told of a cell's morphology beside its class, and whether the two go together."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.morphology import Observed, value_in_words
from core.taxonomy import cell_class, fit, typical_of
from core.vision.card import AttributesCard


def observed(
    card: AttributesCard | None, shares: np.ndarray, likely: Sequence[str]
) -> dict[str, Observed]:
    """The attributes that the bundle is sure of, by key.

    None of what is surely of a class that it has not learnt them from: what it would say of a
    platelet's nucleus means nothing.

    Args:
        likely: classes that the cell may well be.
        shares: (A,) the probability of each attribute's values, in the card's order.
    """
    if card is None or not set(likely) & set(card.classes):
        return {}
    told, start = {}, 0
    for key, values in card.values.items():
        own = shares[start : start + len(values)]
        start += len(values)
        best = int(own.argmax())
        if own[best] >= card.sure_from:
            told[key] = Observed(values[best], float(own[best]))
    return told


def contradiction(
    label: str, attributes: Mapping[str, Observed], contradicts_from: float
) -> str | None:
    """What a colleague would say of the surest attribute that this class cannot have.

    E.g. "it does not look like a neutrophil: granules red, rather eosinophil".
    """
    against = {
        key: seen
        for key, seen in attributes.items()
        if seen.confidence >= contradicts_from and fit(label, key, seen.value) == "impossible"
    }
    if not against:
        return None
    key = max(against, key=lambda one: against[one].confidence)
    words, name = value_in_words(key, against[key].value), cell_class(label).name.lower()
    others = [cell_class(other).name.lower() for other in typical_of(key, against[key].value)]
    rather = f", rather {' or '.join(others)}" if others else ""
    return f"it does not look like a {name}: {words}{rather}"
