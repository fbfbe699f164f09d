"""An evaluation as JSON: for the command line, the download and a bundle's card."""

import math
from collections.abc import Mapping
from typing import Any

from core.evaluation.acceptance import acceptance, acceptance_report
from core.evaluation.attributes import Agreement, attributes_report
from core.evaluation.metrics import Estimate, Metrics
from core.evaluation.results import EvaluationResult


def report(
    result: EvaluationResult, metrics: Metrics, told: Mapping[str, Agreement] | None = None
) -> dict[str, Any]:
    """The figures of a result, ready for ``json.dumps``.

    ``macro_f1`` is the mean over the classes that the data holds; ``per_class`` has those only.
    ``macro_f1_all`` counts classes that were predicted but are not in the data, as 0.
    Figures that are not defined are null. ``acceptance`` is what the decision rule that ships
    accepts by itself, and what becomes of cells that are none of the classes.

    Args:
        told: how far attributes agree with people's; ``attributes`` has it where there are any.
    """
    present = [key for key in result.classes if metrics.support[key]]
    return {
        "n": metrics.n,
        "accuracy": metrics.accuracy.value,
        "macro_f1": metrics.macro["f1"].value,
        "macro_f1_all": metrics.macro_f1_all.value,
        "macro": _values(metrics.macro),
        "weighted": _values(metrics.weighted),
        "calibration_error": metrics.calibration_error.value,
        "per_class": {
            key: _values(metrics.per_class[key]) | {"support": metrics.support[key]}
            for key in present
        },
        "intervals": _intervals(metrics, present),
        "acceptance": acceptance_report(acceptance(result)),
        "confusion": {"classes": list(result.classes), "counts": result.confusion().tolist()},
        "unreadable": [{"path": path, "reason": why} for path, why in result.unreadable],
        "bundle": result.bundle,
        "runtime": result.runtime,
        "split": result.split,
        "data_fingerprint": result.data_fingerprint,
        "synthetic": result.synthetic,
        "seconds": round(result.seconds, 3),
    } | ({"attributes": attributes_report(told)} if told else {})


def _values(figures: dict[str, Estimate]) -> dict[str, float | None]:
    return {name: _number(figure.value) for name, figure in figures.items()}


def _intervals(metrics: Metrics, present: list[str]) -> dict[str, Any]:
    """The 95% limits, low then high, under the names of the figures they belong to."""
    return {
        "level": 0.95,
        "accuracy": _limits(metrics.accuracy),
        "macro_f1": _limits(metrics.macro["f1"]),
        "macro_f1_all": _limits(metrics.macro_f1_all),
        "macro": {name: _limits(figure) for name, figure in metrics.macro.items()},
        "weighted": {name: _limits(figure) for name, figure in metrics.weighted.items()},
        "calibration_error": _limits(metrics.calibration_error),
        "per_class": {
            key: {name: _limits(figure) for name, figure in metrics.per_class[key].items()}
            for key in present
        },
    }


def _limits(figure: Estimate) -> list[float | None]:
    return [_number(figure.low), _number(figure.high)]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
