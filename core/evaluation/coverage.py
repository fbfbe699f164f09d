"""Do prediction sets hold the right class as often as they promise, and how small are they?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.evaluation.results import EvaluationResult
from core.shares import exact_limits

PROMISED = 0.95


def prediction_sets(result: EvaluationResult, limits: Mapping[str, float]) -> np.ndarray:
    """(N, K) bool: the class belongs to the prediction set.

    Args:
        limits: a card's ``set_limits``; classes that it does not name are in no set.
    """
    least = np.array([limits.get(key, np.inf) for key in result.classes])
    return np.asarray(result.probabilities >= least)


def coverage_table(result: EvaluationResult, limits: Mapping[str, float]) -> pd.DataFrame:
    """One row a class with samples, then one of all, whose ``true`` is "".

    Columns: true, n, covered (share whose set holds the true class) with exact 95% limits low and
    high, and the shares of the sets that are empty, hold one class (single) or more (several).
    """
    sets = prediction_sets(result, limits)
    hit = sets[np.arange(len(result)), result.truth]
    sizes = sets.sum(axis=1)
    groups = [(key, result.truth == index) for index, key in enumerate(result.classes)]
    groups.append(("", np.ones(len(result), dtype=bool)))
    return pd.DataFrame([_row(key, hit[of], sizes[of]) for key, of in groups if of.any()])


def _row(true: str, hit: np.ndarray, sizes: np.ndarray) -> dict[str, object]:
    low, high = exact_limits(int(hit.sum()), len(hit))
    return {
        "true": true,
        "n": len(hit),
        "covered": hit.mean(),
        "low": low,
        "high": high,
        "empty": (sizes == 0).mean(),
        "single": (sizes == 1).mean(),
        "several": (sizes > 1).mean(),
    }
