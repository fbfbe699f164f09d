"""Predictions as a table for a spreadsheet."""

from collections.abc import Iterable

from core.morphology import seen_in_words
from core.prediction import Prediction
from core.records.spreadsheet import csv_line
from core.taxonomy import KEYS

_FIRST = ("reading", "name", "label", "confidence", "status", "person_label")
_LAST = (
    "attributes",
    "prediction_set",
    "bundle",
    "profile",
    "milliseconds",
    "image_sha256",
    "reason",
)


def predictions_csv(predictions: Iterable[tuple[int, Prediction, str | None]]) -> str:
    """CSV with one line a prediction: its reading id, the prediction, a person's label or None.

    Text that a spreadsheet would run as a formula is quoted.
    """
    lines = [csv_line([*_FIRST, *(f"p_{key}" for key in KEYS), *_LAST])]
    for reading_id, one, person_label in predictions:
        shares = [_share(one.probabilities.get(key)) for key in KEYS]
        row = [reading_id, one.cell.name, one.label, _share(one.confidence), one.status]
        likely = "" if one.prediction_set is None else " or ".join(one.prediction_set)
        row += [
            person_label or "",
            *shares,
            seen_in_words(one.attributes),
            likely,
            one.bundle,
            one.profile or "",
        ]
        row += [f"{one.milliseconds:.1f}", one.cell.image, one.reason]
        lines.append(csv_line(row))
    return "".join(lines)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
