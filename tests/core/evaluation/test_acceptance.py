"""What the decision rule accepts, on predictions that can be counted by hand."""

import math

import pytest

from core.evaluation.acceptance import acceptance, acceptance_report
from core.evaluation.results import OutsideCell
from core.prediction import Status
from core.taxonomy import OUTSIDE_KEYS

CONFIDENT, REVIEW, REFERRED, REJECTED = Status


def outside(kind: str, *statuses: str) -> list[OutsideCell]:
    return [
        OutsideCell(f"{kind}/{number}.png", kind, "lymphocyte", 0.9, status)
        for number, status in enumerate(statuses)
    ]


def test_accepted_is_what_is_marked_confident_whatever_its_confidence(evaluated) -> None:
    result = evaluated(
        [0, 1, 2, 3, 4],
        [0, 1, 0, 3, 0],
        sure=[0.3, 0.99, 0.99, 0.99, 0.99],
        statuses=(CONFIDENT, REVIEW, CONFIDENT, REFERRED, REJECTED),
    )
    figures = acceptance(result)
    assert (figures.coverage.count, figures.coverage.of) == (2, 5)
    assert (figures.error.count, figures.error.of) == (1, 2)
    assert figures.statuses == {CONFIDENT: 2, REVIEW: 1, REFERRED: 1, REJECTED: 1}


def test_sensitivity_counts_referred_blasts_and_rejected_artefacts(evaluated) -> None:
    cells = outside("no_cell", REJECTED, CONFIDENT)
    cells += outside("blast", REFERRED, REFERRED, REVIEW, CONFIDENT)
    cells += outside("smudge_cell", REJECTED)
    figures = acceptance(evaluated([0], [0], outside_cells=tuple(cells)))
    found = {
        one.kind: (one.found.count, one.found.of, one.accepted.count) for one in figures.outside
    }
    assert found == {"blast": (2, 4, 1), "smudge_cell": (0, 1, 0), "no_cell": (1, 2, 1)}
    assert list(found) == [key for key in OUTSIDE_KEYS if key in found]
    assert (figures.blasts.count, figures.blasts.of) == (2, 5)
    low, high = figures.blasts.limits
    assert low < 0.4 < high
    assert figures.coverage.of == 1  # they are in no other figure


def test_where_nothing_is_accepted_there_is_no_error_to_tell(evaluated) -> None:
    figures = acceptance(evaluated([0], [0], statuses=(REVIEW,)))
    assert math.isnan(figures.error.value)
    told = acceptance_report(figures)
    assert (told["error"]["value"], told["error"]["interval"]) == (None, None)
    assert told["blasts_referred"]["of"] == 0
    assert told["coverage"]["value"] == pytest.approx(0.0)
