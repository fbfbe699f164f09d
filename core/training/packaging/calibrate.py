"""Temperature, review threshold and prediction sets, all found on validation images alone."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from core.vision.class_mix import with_mix
from core.vision.classifier import softmax

MAX_CONFIDENT_ERROR = 0.005
MAX_CONFIDENT_ERROR_ELSEWHERE = 0.01  # of cells that are changed as laboratories differ
RESAMPLES = 500
SET_COVERAGE = 0.95
MAX_REFERRED = 0.01  # of normal cells at home
MAX_REFERRED_ELSEWHERE = 0.04  # of normal cells of each other laboratory that was trained on
REJECT_ABOVE = 0.5


def fit_temperature(logits: np.ndarray, targets: np.ndarray, mix: np.ndarray) -> float:
    """The temperature that makes the right class most likely.

    Args:
        logits: (N, K) float.
        targets: (N,) int.
        mix: (K,) the class mix under which predictions are made.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks, ICML.
    """

    def loss(log_temperature: float) -> float:
        probabilities = with_mix(softmax(logits / np.exp(log_temperature)), mix)
        return float(-np.log(probabilities[np.arange(len(targets)), targets] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def review_threshold(
    probabilities: np.ndarray, targets: np.ndarray, max_error: float = MAX_CONFIDENT_ERROR
) -> float:
    """The lowest confidence from which at most ``max_error`` of the predictions are wrong.

    It is the mean over resamples: a handful of wrong predictions decides, and one more or less of
    them moves the limit of a single sample by a third of all cells.

    Args:
        probabilities: (N, K), rows sum to 1.
        targets: (N,) int.

    Returns:
        A confidence in [0, 1]; 1.0 where even the surest predictions are wrong too often.

    Source: Breiman 1996, Bagging Predictors, Machine Learning 24.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    confidence = np.append(confidence[order], 1.0)
    wrong = (probabilities.argmax(axis=1) != targets)[order]
    rng = np.random.default_rng(0)
    limits = []
    for _ in range(RESAMPLES):
        drawn = np.bincount(rng.integers(len(wrong), size=len(wrong)), minlength=len(wrong))
        error = np.cumsum(drawn * wrong) / np.maximum(np.cumsum(drawn), 1)
        kept = np.nonzero((error <= max_error) & (drawn > 0))[0]
        limits.append(confidence[kept[-1] if len(kept) else -1])
    return float(np.mean(limits))


def refer_limit(home: np.ndarray, elsewhere: Sequence[np.ndarray] = ()) -> float:
    """The probability of an abnormal cell from which a cell is referred.

    At most 1% of normal cells at home and 4% of each other laboratory's reach it. Its own
    laboratory's normal cells are what keeps a network from knowing blasts by their stain.

    Args:
        home: (N,) that probability for normal cells of validation.
        elsewhere: the same for each laboratory's normal cells, which were trained on.
    """
    limits = [np.quantile(home, 1 - MAX_REFERRED)]
    limits += [np.quantile(cells, 1 - MAX_REFERRED_ELSEWHERE) for cells in elsewhere if len(cells)]
    return float(max(limits))


def set_limits(
    probabilities: np.ndarray, targets: np.ndarray, coverage: float = SET_COVERAGE
) -> np.ndarray:
    """(K,) the probability from which each class belongs to a prediction set.

    Of new cells of a class, at least ``coverage`` have it in their set (split conformal prediction
    by class); where a class has too few images to promise that, its limit is 0.

    Args:
        probabilities: (N, K), rows sum to 1.
        targets: (N,) int.

    Source: Vovk 2012, Conditional validity of inductive conformal predictors, ACML; Sadinle,
    Lei and Wasserman 2019, Least ambiguous set-valued classifiers, JASA 114:223.
    """
    limits = np.zeros(probabilities.shape[1])
    for index in range(len(limits)):
        own = np.sort(probabilities[targets == index, index])
        below = int((1 - coverage) * (len(own) + 1))  # so many of them may fall out of the set
        if below:
            limits[index] = own[below - 1]
    return limits
