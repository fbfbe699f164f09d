"""Which looks of a cell go with errors, e.g. neutrophils without visible granules.

values = attribute_values(result, annotated)
table = attribute_errors(result, values)
"""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.results import EvaluationResult
from core.morphology import value_in_words
from core.shares import exact_limits
from core.taxonomy import cell_class
from core.vision.observation import likeliest

COLUMNS = (
    "true",
    "attribute",
    "value",
    "errors",
    "class_errors",
    "cells",
    "class_cells",
    "error_rate",
    "low",
    "high",
    "lift",
    "surplus",
)


def attribute_values(result: EvaluationResult, annotated: pd.DataFrame) -> pd.DataFrame:
    """One row a sample (the index is its path), a column an attribute; missing where not known.

    What people gave, where they did; else what the bundle is sure of, in cells of the classes that
    it has learnt attributes from. Those are told by the true class here: a cell predicted as a
    platelet would else lose its attributes with its class.

    Args:
        annotated: as ``core.evaluation.attributes.annotated_samples`` gives it.
    """
    values = pd.DataFrame(index=pd.Index(result.sample_ids, name="path"))
    card = result.attributes_card
    if card is not None:
        learnt = np.isin(np.array(result.classes)[result.truth], card.classes)
        for key, (value, sure) in likeliest(card, result.attributes).items():
            told = pd.Series(value, index=values.index)
            values[key] = told.where(learnt & (sure >= card.sure_from))
    for key in annotated.columns:
        given = annotated[key].reindex(values.index)
        values[key] = given if key not in values else given.fillna(values[key])
    return values


def attribute_errors(result: EvaluationResult, values: pd.DataFrame) -> pd.DataFrame:
    """One row a true class, attribute and value that at least one error has.

    Columns: true, attribute, value, errors (with it), class_errors, cells (with it), class_cells,
    error_rate (of the cells with it) with exact 95% limits low and high, lift (that rate divided
    by the class's own) and surplus: how many more errors have it than would if errors had it as
    often as right predictions; nan where the class has no right prediction. The largest surplus
    comes first. Cells whose value is not known count nowhere, so the figures of a class may
    differ from attribute to attribute.

    Args:
        values: as ``attribute_values`` gives it.
    """
    samples = result.samples()
    rows = [
        row
        for true, cells in samples.groupby("true")
        for key in values.columns
        for row in _rows(str(true), str(key), cells, values[key].reindex(cells["path"]))
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(
        ["surplus", "true", "attribute", "value"],
        ascending=[False, True, True, True],
        ignore_index=True,
    )


def _rows(true: str, key: str, cells: pd.DataFrame, values: pd.Series) -> list[dict[str, Any]]:
    known = values.notna().to_numpy()
    wrong = ~cells["correct"].to_numpy()[known]
    groups = pd.Series(wrong).groupby(values.to_numpy()[known])
    counts = ((value, int(errors.sum()), len(errors)) for value, errors in groups)
    whole = int(wrong.sum()), len(wrong)
    return [
        {"true": true, "attribute": key, "value": value, **_figures(errors, n, *whole)}
        for value, errors, n in counts
        if errors
    ]


def _figures(errors: int, n: int, class_errors: int, class_n: int) -> dict[str, float]:
    low, high = exact_limits(errors, n)
    right = class_n - class_errors
    return {
        "errors": errors,
        "class_errors": class_errors,
        "cells": n,
        "class_cells": class_n,
        "error_rate": errors / n,
        "low": low,
        "high": high,
        "lift": (errors / n) / (class_errors / class_n),
        "surplus": errors - class_errors * (n - errors) / right if right else float("nan"),
    }


def errors_with(
    result: EvaluationResult, values: pd.DataFrame, row: Mapping[Hashable, Any]
) -> pd.DataFrame:
    """The errors behind a row of ``attribute_errors``, as ``EvaluationResult.errors`` has them."""
    errors = result.errors()
    looks = values[row["attribute"]].reindex(errors["path"]).to_numpy()
    same: pd.DataFrame = errors[(looks == row["value"]) & (errors["true"] == row["true"])]
    return same


def cells_in_words(true: str, attribute: str, value: str) -> str:
    """E.g. "Neutrophils without visible granules" or "Neutrophils, nucleus band-shaped"."""
    look = value_in_words(attribute, value)
    joined = f" without visible {look[3:]}" if look.startswith("no ") else f", {look}"
    return f"{cell_class(true).name}s{joined}"
