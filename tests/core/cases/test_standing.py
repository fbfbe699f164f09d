"""What a cell is called: settled before agreed, agreed before a single reader's word."""

import pytest

from core.cases.differential import SUSPECTED
from core.cases.labels import UNIDENTIFIED
from core.cases.standing import Said, called
from core.prediction import Status
from core.records.cases.contents import Cell, Model, Suggestion

MODEL = Model("first", "ab" * 32, None, None)


def cell(label: str | None, status: Status = Status.CONFIDENT) -> Cell:
    said = None if label is None else Suggestion(1, label, 0.9, status.value, MODEL)
    return Cell(1, 1, (0, 0, 8, 8), 12.0, said)


@pytest.mark.parametrize(
    ("said", "final", "differs"),
    [
        (Said(), None, False),
        (Said("band"), "band", False),
        (Said(second="band"), "band", False),
        (Said("band", "band"), "band", False),
        (Said("band", "neutrophil"), "neutrophil", False),
        (Said("myelocyte", "promyelocyte"), "ig", False),
        (Said("band", "ig"), None, True),
        (Said("band", "ig", "monocyte"), "monocyte", False),
        (Said("band", "band", "ig"), "ig", False),
    ],
)
def test_the_final_label(said: Said, final: str | None, differs: bool) -> None:
    assert (said.final, said.differs) == (final, differs)


@pytest.mark.parametrize(
    ("suggestion", "said", "counts_as"),
    [
        (cell("monocyte"), Said(), "monocyte"),
        (cell("monocyte", Status.REVIEW), Said(), "monocyte"),
        (cell("monocyte", Status.REFERRED), Said(), SUSPECTED),
        (cell("monocyte", Status.REFERRED), Said("monocyte"), "monocyte"),
        (cell("stab"), Said(), UNIDENTIFIED),
        (cell(None), Said(), UNIDENTIFIED),
        (cell("monocyte"), Said("ig", "band"), UNIDENTIFIED),
    ],
)
def test_until_people_say_a_cell_counts_as_the_model_has_it(
    suggestion: Cell, said: Said, counts_as: str
) -> None:
    assert called(suggestion, said) == counts_as
