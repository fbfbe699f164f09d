"""A mark changes with all that decides a prediction or its split."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from core.evaluation.mark import bundle_mark
from core.vision import preparation
from core.vision.views import CellView
from tests.factories import make_card


@pytest.mark.parametrize(
    "module",
    [
        "core.taxonomy",
        "core.morphology",
        "core.looks",
        "core.images.reading",
        "core.dataset.splits",
        "core.dataset.groups",
        "core.dataset.duplicates",
        "core.vision.decision",
        "core.vision.framing",
    ],
)
def test_other_code_is_another_mark(module: str, change_code: Callable[[str], None]) -> None:
    before = bundle_mark(make_card())
    change_code(module)
    assert bundle_mark(make_card()) != before


def test_what_no_prediction_is_decided_by_is_the_same_mark(
    change_code: Callable[[str], None],
) -> None:
    before = bundle_mark(make_card())
    change_code("core.dataset.provenance")
    assert bundle_mark(make_card()) == before


def test_another_locator_of_the_same_name_is_another_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = []
    for checksum in ("0", "0", "1"):
        locator = SimpleNamespace(card=SimpleNamespace(checksums={"network.bin": checksum}))
        monkeypatch.setattr(preparation, "open_locator", lambda _, one=locator: one)
        marks.append(bundle_mark(make_card(view=CellView("cells-1"))))
    assert marks[0] == marks[1] != marks[2]
