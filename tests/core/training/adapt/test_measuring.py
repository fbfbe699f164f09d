"""What counts as right: a class that is told, by the rule that answers."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.prediction import Status
from core.training.adapt import measuring as module
from core.training.adapt.fitting import Labelled
from core.training.adapt.measuring import Checks, change_of, measured
from core.vision.classifier import Classifier
from tests.factories import make_card

CLASSES = ("lymphocyte", "monocyte")


def measured_as(monkeypatch: pytest.MonkeyPatch, statuses: Sequence[Status]) -> module.Measured:
    """Three lymphocytes here and at home, three blasts; each predicted a lymphocyte."""
    told = iter(list(statuses) * 3)
    monkeypatch.setattr(
        module,
        "decide",
        lambda *_: SimpleNamespace(label="lymphocyte", status=next(told)),
    )
    card = make_card(classes=CLASSES, outside=("blast",))
    classifier: Any = SimpleNamespace(
        bundle=SimpleNamespace(card=card), scores_of=lambda squares: list(squares)
    )
    cells = Labelled(np.zeros((3, 96, 96, 3), np.uint8), np.zeros(3, int))
    blasts = Labelled(cells.images, np.full(3, 2))
    return measured(cast(Classifier, classifier), Checks(cells, cells, blasts))


def test_what_is_referred_or_rejected_is_not_right(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = (Status.REVIEW, Status.REFERRED, Status.REJECTED)
    found = measured_as(monkeypatch, statuses)
    assert found.there.tolist() == [True, False, False]
    assert found.referred.tolist() == [False, True, False]


def test_a_bundle_that_refers_everything_is_not_better(monkeypatch: pytest.MonkeyPatch) -> None:
    before = measured_as(monkeypatch, [Status.CONFIDENT] * 3)
    after = measured_as(monkeypatch, [Status.REFERRED] * 3)
    change = change_of(before, after, fitted=6)
    assert (change.better, change.worse, change.referred_after) == (0, 3, 3)
    assert (change.confident_before, change.confident_after) == (1.0, 0.0)
    assert not change.is_better
    back = change_of(after, before, fitted=6)
    assert not back.keeps_referral
