"""Does 90% sure mean right nine times in ten?

Source: Guo et al. 2017, On Calibration of Modern Neural Networks, section 2.
"""

import numpy as np
import pandas as pd

from core.evaluation.results import EvaluationResult
from core.shares import exact_limits

BINS = 15


def _bin_of(result: EvaluationResult, bins: int) -> np.ndarray:
    """(N,) the equal-width bin that each prediction's confidence falls into."""
    confidence: np.ndarray = result.probabilities.max(axis=1)
    return np.minimum((confidence * bins).astype(np.int64), bins - 1)


def reliability(result: EvaluationResult, bins: int = BINS) -> pd.DataFrame:
    """One row a bin of confidence that has samples.

    Columns: n, confidence (mean), accuracy, and its exact 95% limits low and high.
    """
    table = pd.DataFrame(
        {
            "bin": _bin_of(result, bins),
            "confidence": result.probabilities.max(axis=1),
            "correct": result.predicted == result.truth,
        }
    )
    rows = table.groupby("bin").agg(
        n=("correct", "size"), confidence=("confidence", "mean"), right=("correct", "sum")
    )
    limits = [exact_limits(right, n) for right, n in zip(rows["right"], rows["n"], strict=True)]
    rows["accuracy"] = rows["right"] / rows["n"]
    rows[["low", "high"]] = limits
    return rows.drop(columns="right").reset_index(drop=True)


def calibration_error(
    result: EvaluationResult, bootstrap: int = 1000, seed: int = 0, bins: int = BINS
) -> tuple[float, float, float]:
    """Expected calibration error and its 95% limits: the mean gap of confidence and accuracy.

    Resampling can only add noise to a gap, so the limits lean upwards; the lower one is never
    above the value itself.
    """
    gaps = np.zeros((len(result), bins))  # each sample's share in its bin's gap
    right = (result.predicted == result.truth).astype(float)
    gaps[np.arange(len(result)), _bin_of(result, bins)] = right - result.probabilities.max(axis=1)
    value = float(np.abs(gaps.mean(axis=0)).sum())
    rng = np.random.default_rng(seed)
    low, high = np.quantile([_redrawn(gaps, rng) for _ in range(bootstrap)], [0.025, 0.975])
    return value, min(float(low), value), max(float(high), value)


def _redrawn(gaps: np.ndarray, rng: np.random.Generator) -> float:
    n = len(gaps)
    times = np.bincount(rng.integers(0, n, n), minlength=n)  # (N,) how often each is drawn
    return float(np.abs(times @ gaps).sum() / n)
