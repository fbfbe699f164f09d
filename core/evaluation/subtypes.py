"""Which classes and subtypes the errors come from, e.g. band against segmented neutrophils."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from core.evaluation.results import EvaluationResult
from core.shares import exact_limits

_FIGURES = ("n", "recall", "low", "high", "taken_for")


def subtype_table(result: EvaluationResult) -> pd.DataFrame:
    """One row a subtype: true, subtype, n, recall with exact 95% limits, taken_for.

    ``taken_for`` counts the wrong predictions by class, the most frequent first. Classes whose
    files carry no subtype are left out.
    """
    samples = result.samples()
    groups = samples[samples["subtype"] != ""].groupby(["true", "subtype"])
    rows = [{"true": of[0], "subtype": of[1], **_figures(group)} for of, group in groups]
    return pd.DataFrame(rows, columns=["true", "subtype", *_FIGURES])


def class_table(result: EvaluationResult) -> pd.DataFrame:
    """The same by class: true, n, recall, low, high, taken_for; a row a class with samples."""
    groups = result.samples().groupby("true")
    rows = [{"true": true, **_figures(group)} for true, group in groups]
    return pd.DataFrame(rows, columns=["true", *_FIGURES])


def _figures(group: pd.DataFrame) -> dict[Hashable, Any]:
    right, n = int(group["correct"].sum()), len(group)
    wrong = group.loc[~group["correct"], "predicted"].value_counts().to_dict()
    return dict(zip(_FIGURES, (n, right / n, *exact_limits(right, n), wrong), strict=True))
