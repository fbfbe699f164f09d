"""How common each class is taken to be, so that predictions follow blood and not a collection.

A collection for training shows its classes about equally often; blood does not. A network that is
unsure of a lymphocyte under a new stain should not call it an erythroblast as readily as that.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from core.taxonomy import cell_class

# Found on four laboratories that trial networks had not seen: docs/model/ablations.md.
CAUTION = 0.5  # an image of which nothing is known follows it to this power
PRIOR_WEIGHT = 0.1  # it counts as so many cells for each cell of a laboratory that is seen
POWER = 1.5  # predictions follow the mix of a laboratory to this power
ROUNDS = 50


def usual_mix(classes: Sequence[str]) -> dict[str, float]:
    """How common each class is taken to be where nothing is known of the laboratory."""
    return _shares(_rarity(classes) ** CAUTION, classes)


def estimate_mix(probabilities: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """How common each class is taken to be in a laboratory that gave these predictions.

    What is not rare in blood counts alike: telling neutrophils from monocytes by how many there
    are does more harm than good. A class that is rare counts the less, the fewer of it are seen,
    but never less than its rarity: that nobody had erythroblasts when a profile was made does not
    say that the next patient has none.

    Args:
        probabilities: (N, K) of a network that was trained on classes about equally common.
        classes: the K keys.

    Returns:
        By key; sums to 1.

    Source: Saerens, Latinne and Decaestecker 2002, Adjusting the outputs of a classifier to new a
    priori probabilities, Neural Computation 14:21; here with a Dirichlet prior, and with the mix
    to a power in each round, which brings what is hardly seen to nothing.
    """
    rarity = _rarity(classes)
    prior = rarity / rarity.sum()
    mix = prior
    for _ in range(ROUNDS):
        seen = with_mix(probabilities, mix**POWER).mean(axis=0)
        mix = (seen + PRIOR_WEIGHT * prior) / (1 + PRIOR_WEIGHT)
    common = rarity == 1
    if common.any():
        mix[common] = mix[common].mean()
        found = rarity**CAUTION * (mix / mix[common][0]) ** POWER
    else:  # the class that is seen most takes the place of those
        found = (mix / mix.max()) ** POWER
    return _shares(np.maximum(found, rarity), classes)


def with_mix(probabilities: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """(N, K) for classes equally common → (N, K) for classes in that mix."""
    weighted = probabilities * mix
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def in_order(mix: Mapping[str, float], classes: Sequence[str]) -> np.ndarray:
    """(K,) the mix in the order of the classes; one that it does not name gets its least share.

    An empty mix is of classes equally common.
    """
    least = min(mix.values(), default=1.0)
    return np.array([mix.get(key, least) for key in classes])


def _rarity(classes: Sequence[str]) -> np.ndarray:
    return np.array([cell_class(key).rarity for key in classes])


def _shares(weights: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    return dict(zip(classes, (weights / weights.sum()).tolist(), strict=True))
