"""Which subtypes the errors come from, e.g. band against segmented neutrophils."""

import pandas as pd

from core.evaluation.calibration import exact_limits
from core.evaluation.results import EvaluationResult


def subtype_table(result: EvaluationResult) -> pd.DataFrame:
    """One row a subtype: true, subtype, n, recall with exact 95% limits, taken_for.

    ``taken_for`` counts the wrong answers by class, the most frequent first. Classes whose
    files carry no subtype are left out.
    """
    samples = result.samples()
    rows = []
    for (true, subtype), group in samples[samples["subtype"] != ""].groupby(["true", "subtype"]):
        right, n = int(group["correct"].sum()), len(group)
        low, high = exact_limits(right, n)
        wrong = group.loc[~group["correct"], "predicted"].value_counts()
        rows.append((true, subtype, n, right / n, low, high, wrong.to_dict()))
    columns = ["true", "subtype", "n", "recall", "low", "high", "taken_for"]
    return pd.DataFrame(rows, columns=columns)
