"""Selective prediction: how error falls as the unsure answers are held back.

An answer is kept where it is at least as confident as a threshold. Coverage is the share of the
answers kept, risk the share of those that is wrong.

Source: Geifman and El-Yaniv 2017, Selective Classification for Deep Neural Networks, NeurIPS 30,
section 2.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.results import EvaluationResult


@dataclass(frozen=True)
class Kept:
    """What a threshold keeps.

    Attributes:
        n: answers in all.
        kept: those at least as confident as the threshold.
        wrong: those of the kept that are wrong.
    """

    n: int
    kept: int
    wrong: int

    @property
    def coverage(self) -> float:
        """Share of the answers that is kept, in [0, 1]."""
        return self.kept / self.n

    @property
    def risk(self) -> float:
        """Share of the kept answers that is wrong, in [0, 1]; nan where none is kept."""
        return self.wrong / self.kept if self.kept else float("nan")


def risk_curve(result: EvaluationResult) -> pd.DataFrame:
    """One row a threshold that there is, from the most confident answer to all of them.

    Columns: threshold (a confidence), kept, wrong, coverage, risk. Equally confident answers
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


def kept_at(result: EvaluationResult, threshold: float) -> Kept:
    """What is kept at a threshold of confidence, e.g. the bundle's own ``review_below``."""
    kept = result.probabilities.max(axis=1) >= threshold
    wrong = kept & (result.predicted != result.truth)
    return Kept(len(result), int(kept.sum()), int(wrong.sum()))
