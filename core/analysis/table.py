"""Answers as a table for a spreadsheet."""

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


def answers_csv(answers: Iterable[tuple[int, Prediction, str | None]]) -> str:
    """CSV with one line an answer: its reading id, the prediction, a person's label or None.

    Text that a spreadsheet would run as a formula is quoted.
    """
    lines = [csv_line([*_FIRST, *(f"p_{key}" for key in KEYS), *_LAST])]
    for reading_id, answer, person_label in answers:
        shares = [_share(answer.probabilities.get(key)) for key in KEYS]
        row = [reading_id, answer.cell.name, answer.label, _share(answer.confidence), answer.status]
        likely = "" if answer.prediction_set is None else " or ".join(answer.prediction_set)
        row += [
            person_label or "",
            *shares,
            seen_in_words(answer.attributes),
            likely,
            answer.bundle,
            answer.profile or "",
        ]
        row += [f"{answer.milliseconds:.1f}", answer.cell.image, answer.reason]
        lines.append(csv_line(row))
    return "".join(lines)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"
