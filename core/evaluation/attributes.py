"""How far what a bundle tells of a cell's morphology agrees with what people said.

    annotated = annotated_samples(result, find_attributes(root))
    agreement(result, annotated)["granularity"].macro_f1

Cells that the bundle's heads have learnt from agree too well: measure on others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from core.dataset.attributes import attributes_of, read_attributes
from core.evaluation.results import EvaluationResult
from core.vision.observation import likeliest


@dataclass(frozen=True)
class Agreement:
    """Of one attribute; all shares are in [0, 1].

    Attributes:
        n: cells that people gave the attribute to.
        macro_f1: mean F1 over the values that are given or predicted, as scikit-learn has it.
        accuracy: share of the cells that have the value that people gave.
        told: share of the cells that it would be told of: the bundle is sure of it, and has
            learnt attributes from cells of the class that it predicts.
        accuracy_told: the accuracy of those; None where there are none.
    """

    n: int
    macro_f1: float
    accuracy: float
    told: float
    accuracy_told: float | None


def annotated_samples(result: EvaluationResult, files: Sequence[Path]) -> pd.DataFrame:
    """The attributes that people gave to a result's samples; the index is their path.

    Raises:
        DatasetError: a file cannot be used.
    """
    if not files:
        return pd.DataFrame()
    return attributes_of(read_attributes(files), result.sample_ids)


def agreement(result: EvaluationResult, annotated: pd.DataFrame) -> dict[str, Agreement]:
    """By attribute; empty where the bundle tells none or people gave none.

    For macro F1 and accuracy every annotated cell counts with its likeliest value, also where the
    bundle is unsure of it or names another class: only so can they be set beside published
    figures.

    Args:
        annotated: as ``annotated_samples`` gives it.
    """
    card = result.attributes_card
    if card is None or annotated.empty:
        return {}
    rows = pd.Index(result.sample_ids).get_indexer(annotated.index)
    predicted = np.array(result.classes)[result.predicted[rows]]
    learnt = np.isin(predicted, card.classes)
    return {
        key: compared(annotated[key].to_numpy(str), value, learnt & (sure >= card.sure_from))
        for key, (value, sure) in likeliest(card, result.attributes[rows]).items()
    }


def compared(given: np.ndarray, value: np.ndarray, told: np.ndarray) -> Agreement:
    """Of one attribute of N cells.

    Args:
        given: (N,) what people said.
        value: (N,) the likeliest value.
        told: (N,) bool, whether a reader would be told of it.
    """
    same = given == value
    return Agreement(
        n=len(given),
        macro_f1=float(f1_score(given, value, average="macro")),
        accuracy=float(same.mean()),
        told=float(told.mean()),
        accuracy_told=float(same[told].mean()) if told.any() else None,
    )


def mean_macro_f1(by_attribute: Mapping[str, Agreement]) -> float:
    """The plain mean over the attributes, of which there is one at least."""
    return float(np.mean([one.macro_f1 for one in by_attribute.values()]))


def attributes_report(by_attribute: Mapping[str, Agreement]) -> dict[str, Any]:
    """The figures ready for ``json.dumps``; ``n`` is the number of annotated cells."""
    return {
        "n": next(iter(by_attribute.values())).n,
        "mean_macro_f1": mean_macro_f1(by_attribute),
        "per_attribute": {key: asdict(one) for key, one in by_attribute.items()},
    }
