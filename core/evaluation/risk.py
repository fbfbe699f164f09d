"""Selective prediction: how error falls as the unsure predictions are held back.

A prediction is kept where it is at least as confident as a threshold. Coverage is the share of the
predictions kept, risk the share of those that is wrong.

Source: Geifman and El-Yaniv 2017, Selective Classification for Deep Neural Networks, NeurIPS 30,
section 2.
"""

import numpy as np
import pandas as pd

from core.evaluation.results import EvaluationResult


def risk_curve(result: EvaluationResult) -> pd.DataFrame:
    """One row a threshold that there is, from the most confident prediction to all of them.

    Columns: threshold (a confidence), kept, wrong, coverage, risk. Equally confident predictions
    share a row: no threshold parts them.
    """
    confidence = result.probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    wrong = np.cumsum((result.predicted != result.truth)[order])
    last = np.flatnonzero(np.append(falling[1:] < falling[:-1], True))  # of equally confident ones
    kept = last + 1
    return pd.DataFrame(
        {
            "threshold": falling[last],
            "kept": kept,
            "wrong": wrong[last],
            "coverage": kept / len(result),
            "risk": wrong[last] / kept,
        }
    )
