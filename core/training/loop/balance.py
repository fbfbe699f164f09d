"""How often each training image is drawn."""

from collections.abc import Sequence

import numpy as np
import torch


def balanced(targets: Sequence[np.ndarray]) -> np.ndarray:
    """How often each training image is drawn, one source's targets after the other's.

    A class of one source is drawn as often as the root of its images says, and the first source
    as often as all others together: so neither a large laboratory nor a common class drowns the
    others.
    """
    weights = []
    for own in targets:
        _, of_image, counts = np.unique(own, return_inverse=True, return_counts=True)
        weights.append(counts[of_image] ** -0.5)
    others = sum(own.sum() for own in weights[1:])
    if others:
        weights[0] = weights[0] * (others / weights[0].sum())
    joined = np.concatenate(weights)
    return np.asarray(joined / joined.sum())


def drawn(count: int, weights: np.ndarray | None, generator: torch.Generator) -> np.ndarray:
    """As many of ``count`` places, in random order: each once, or as often as its weight says."""
    if weights is None:
        return torch.randperm(count, generator=generator).numpy()
    chances = torch.from_numpy(weights)
    return torch.multinomial(chances, count, replacement=True, generator=generator).numpy()
