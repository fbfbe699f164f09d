"""How common each class is in one laboratory, from answers alone."""

from collections.abc import Mapping, Sequence

import numpy as np

# How often a class is met in pictures of blood cells, against the others, before any is seen:
# erythroblasts and immature granulocytes hardly ever stand in healthy adults' blood, and platelets
# are seldom cut out one by one.
PRIOR = {"erythroblast": 0.05, "ig": 0.15, "platelet": 0.05}
PRIOR_WEIGHT = 1.0  # the prior counts as so many cells for each cell that is seen
ROUNDS = 50
# Found on four laboratories that trial networks had not seen: docs/model/ablations.md.
SURE = 0.96  # as sure as this on average, a network is of cells like those it learnt from
STEEPNESS = 20
MOST_WEIGHT = 3.0


def estimate_mix(
    probabilities: np.ndarray, classes: Sequence[str], weight: float = PRIOR_WEIGHT
) -> np.ndarray:
    """The class mix that makes the answers likeliest, drawn towards what blood usually holds.

    Args:
        probabilities: (N, K) of a network that was trained on classes about equally common.
        classes: the K keys.

    Returns:
        (K,), sums to 1.

    Source: Saerens, Latinne and Decaestecker 2002, Adjusting the outputs of a classifier to new a
    priori probabilities, Neural Computation 14:21; here with a Dirichlet prior.
    """
    prior = np.array([PRIOR.get(key, 1.0) for key in classes])
    prior /= prior.sum()
    mix = prior
    for _ in range(ROUNDS):
        seen = with_mix(probabilities, mix).mean(axis=0)
        mix = (seen + weight * prior) / (1 + weight)
    return mix


def mix_weight(probabilities: np.ndarray) -> float:
    """How strongly a laboratory's class mix should count, 1 to 3.

    A network that is less sure of a laboratory's cells than of its own is still surer than it is
    right: what is usual in blood then deserves more weight against it.
    """
    unsure = SURE - float(probabilities.max(axis=1).mean())
    return min(max(1 + STEEPNESS * unsure, 1.0), MOST_WEIGHT)


def softened(probabilities: np.ndarray, weight: float) -> np.ndarray:
    """(N, K) with logarithms divided by ``weight``; rows sum to 1."""
    soft = probabilities ** (1 / weight)
    return np.asarray(soft / soft.sum(axis=1, keepdims=True))


def with_mix(probabilities: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """(N, K) for classes equally common → (N, K) for classes in that mix."""
    weighted = probabilities * mix
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def in_order(mix: Mapping[str, float], classes: Sequence[str]) -> np.ndarray:
    """(K,) the mix in the order of the classes; one that it does not name gets its least share."""
    least = min(mix.values())
    return np.array([mix.get(key, least) for key in classes])
