"""Accuracy, precision, recall and F1 with bootstrap 95% intervals.

    metrics = summary(result)
    metrics.accuracy.value, metrics.accuracy.low, metrics.accuracy.high

All of these depend on the confusion matrix alone, so resampling N samples with replacement is
one multinomial draw of its cells: a thousand resamples take milliseconds.

No resample of predictions that are all right holds a wrong one. There the interval is the exact
binomial one: of 100 right out of 100 the lower limit is 96.4%, not 100%.

Sources: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile
intervals); Clopper and Pearson 1934, Biometrika 26:404 (exact ones); definitions as in
scikit-learn with ``zero_division=0``.
"""

from dataclasses import dataclass

import numpy as np

from core.evaluation.calibration import calibration_error
from core.evaluation.results import EvaluationResult
from core.shares import exact_limits

PER_CLASS = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95% interval, all in [0, 1]; nan where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Metrics:
    """The figures of one evaluation.

    Attributes:
        n: samples.
        support: samples by true class.
        per_class: class → "precision", "recall", "f1"; nan for a class with no sample.
        macro: the mean over the classes with samples.
        macro_f1_all: the mean F1 over the classes with samples or predictions: a class that the
            data does not hold counts as 0 as soon as one sample is predicted as it.
        weighted: the mean weighted by samples.
        calibration_error: expected calibration error, see ``calibration``.
    """

    n: int
    accuracy: Estimate
    support: dict[str, int]
    per_class: dict[str, dict[str, Estimate]]
    macro: dict[str, Estimate]
    macro_f1_all: Estimate
    weighted: dict[str, Estimate]
    calibration_error: Estimate


def summary(result: EvaluationResult, bootstrap: int = 1000, seed: int = 0) -> Metrics:
    """All figures of a result, with intervals from so many seeded resamples."""
    counts = result.confusion()
    rng = np.random.default_rng(seed)
    cells = rng.multinomial(len(result), counts.ravel() / len(result), size=bootstrap)
    exact, drawn = _scores(counts), _scores(cells.reshape(bootstrap, *counts.shape))
    support, chosen = counts.sum(axis=1), counts.sum(axis=0)
    sizes = {"precision": chosen, "recall": support, "f1": support}
    figures = {
        name: estimates(exact[name], drawn[name], sizes.get(name, len(result))) for name in exact
    }
    classes = result.classes
    return Metrics(
        n=len(result),
        accuracy=figures["accuracy"][0],
        support=dict(zip(classes, support.tolist(), strict=True)),
        per_class={
            key: {name: figures[name][at] for name in PER_CLASS} for at, key in enumerate(classes)
        },
        macro={name: figures[f"macro {name}"][0] for name in PER_CLASS},
        macro_f1_all=figures["macro f1 all"][0],
        weighted={name: figures[f"weighted {name}"][0] for name in PER_CLASS},
        calibration_error=Estimate(*calibration_error(result, bootstrap, seed)),
    )


def _scores(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Counts (..., K, K) → by class (..., K), means and accuracy (...)."""
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(float)  # (..., K)
    support, chosen = counts.sum(axis=-1), counts.sum(axis=-2)  # (..., K)
    nothing = np.where(support > 0, 0.0, np.nan)  # a class with no sample has no score
    scores = {
        "precision": _ratio(right, chosen, nothing),
        "recall": _ratio(right, support, nothing),
        "f1": _ratio(2 * right, support + chosen, nothing),
    }
    in_use = np.where(support + chosen > 0, 0.0, np.nan)
    scores["macro f1 all"] = np.nanmean(_ratio(2 * right, support + chosen, in_use), axis=-1)
    total = support.sum(axis=-1)
    for name in PER_CLASS:
        scores[f"macro {name}"] = np.nanmean(scores[name], axis=-1)
        scores[f"weighted {name}"] = np.nansum(scores[name] * support, axis=-1) / total
    return scores | {"accuracy": right.sum(axis=-1) / total}


def _ratio(part: np.ndarray, whole: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """part / whole; 0 where there is nothing to divide by; nan where ``otherwise`` is."""
    ratio = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return np.asarray(ratio + otherwise)


def estimates(exact: np.ndarray, drawn: np.ndarray, sizes: np.ndarray | int) -> list[Estimate]:
    """Values () or (K,), their resamples (B,) or (B, K), samples behind each → estimates."""
    values, columns = np.atleast_1d(exact), drawn.reshape(len(drawn), -1).T
    return [
        Estimate(float(value), *_limits(float(value), column, int(size)))
        for value, column, size in zip(
            values, columns, np.broadcast_to(sizes, values.shape), strict=True
        )
    ]


def _limits(value: float, draws: np.ndarray, size: int) -> tuple[float, float]:
    known = draws[~np.isnan(draws)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = (float(limit) for limit in np.quantile(known, [0.025, 0.975]))
    if low == high and value in (0.0, 1.0):
        return exact_limits(round(value * size), size)
    return low, high
