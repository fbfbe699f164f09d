"""Temperature and review threshold, both found on validation images alone."""

import numpy as np
from scipy.optimize import minimize_scalar

from core.vision.classifier import softmax

MAX_CONFIDENT_ERROR = 0.005


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature that makes the right class most likely.

    Args:
        logits: (N, K) float.
        targets: (N,) int.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks, ICML.
    """

    def loss(log_temperature: float) -> float:
        probabilities = softmax(logits / np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(targets)), targets] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def review_threshold(
    probabilities: np.ndarray, targets: np.ndarray, max_error: float = MAX_CONFIDENT_ERROR
) -> float:
    """The lowest confidence from which at most ``max_error`` of the answers are wrong.

    Args:
        probabilities: (N, K), rows sum to 1.
        targets: (N,) int.

    Returns:
        A confidence in [0, 1]; 1.0 where even the surest answers are wrong too often.
    """
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != targets
    order = np.argsort(-confidence, kind="stable")
    error = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    kept = np.nonzero(error <= max_error)[0]
    return float(confidence[order][kept[-1]]) if len(kept) else 1.0
