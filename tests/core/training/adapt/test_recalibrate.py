"""The limits of a fitted bundle."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.training.adapt import recalibrate as module
from core.training.adapt.fitting import Labelled
from core.training.adapt.recalibrate import recalibrated
from core.training.packaging.reference import Reference
from core.vision.classifier import Classifier
from tests.factories import make_card

CLASSES = ("lymphocyte", "monocyte")
CELLS = 40  # of each class
HOME = make_card().data.source
BRIGHT = 200


@pytest.mark.parametrize(
    ("blast_logit", "limit"),
    [
        pytest.param(-9.0, 0.3, id="its parent's, where no normal cell comes near it"),
        pytest.param(2.0, 1.0, id="a higher one, where normal cells reach its parent's"),
    ],
)
def test_the_limit_of_referral_is_no_lower_than_its_parents(
    monkeypatch: pytest.MonkeyPatch, blast_logit: float, limit: float
) -> None:
    monkeypatch.setattr(module, "load_index", lambda _: None)
    card = make_card(classes=CLASSES, outside=("blast",)).model_copy(update={"refer_above": 0.3})
    targets = np.tile([0, 1], CELLS)

    def logits(images: np.ndarray) -> np.ndarray:
        """Each class is told from the other; all are taken for a blast alike."""
        classes = np.where(np.arange(len(images))[:, None] % 2 == [0, 1], 0.0, -4.0)
        return np.hstack([classes, np.full((len(images), 1), blast_logit)])

    made: Any = SimpleNamespace(bundle=SimpleNamespace(card=card), logits=logits)
    squares = np.zeros((2 * CELLS, 96, 96, 3), np.uint8)
    reference = Reference(squares, targets, np.ones(2 * CELLS, bool), ("",) * len(squares))
    found = recalibrated(cast(Classifier, made), reference, Labelled(squares[:4], targets[:4]))

    assert found.refer_above == pytest.approx(limit, abs=0.01)


def limit_with(
    monkeypatch: pytest.MonkeyPatch, fitted: int, learnt: int, source: str, target: int
) -> float | None:
    """The limit of referral, where a bright cell may well be a blast and a dark one is none.

    Args:
        fitted: brightness of the cells of the laboratory that it was fitted to.
        learnt, source, target: brightness of the cells that it learnt from, whose, and of what.
    """
    index = SimpleNamespace(sources=(source,) * CELLS)
    monkeypatch.setattr(module, "load_index", lambda _: index)
    card = make_card(classes=CLASSES, outside=("blast",), refer_above=0.0)

    def logits(images: np.ndarray) -> np.ndarray:
        bright = images[:, 32, 32, :1] > BRIGHT // 2
        return np.where(bright, [2.0, 0.0, 2.0], [6.0, 0.0, -6.0])

    made: Any = SimpleNamespace(bundle=SimpleNamespace(card=card), logits=logits)
    validation = np.arange(2 * CELLS) < CELLS
    squares = np.zeros((2 * CELLS, 96, 96, 3), np.uint8)
    squares[~validation] = learnt
    targets = np.where(validation, 0, target)
    reference = Reference(squares, targets, validation, ("",) * len(squares))
    of_ward = Labelled(np.full((CELLS, 96, 96, 3), fitted, np.uint8), np.zeros(CELLS, int))
    return recalibrated(cast(Classifier, made), reference, of_ward).refer_above


def test_normal_cells_of_every_other_laboratory_raise_the_limit_of_referral(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert limit_with(monkeypatch, 0, BRIGHT, HOME, 0) == pytest.approx(0, abs=0.01)
    assert limit_with(monkeypatch, 0, BRIGHT, "elsewhere", 2) == pytest.approx(0, abs=0.01)
    assert limit_with(monkeypatch, 0, BRIGHT, "elsewhere", 0) == pytest.approx(0.5, abs=0.01)
    assert limit_with(monkeypatch, BRIGHT, 0, HOME, 0) == pytest.approx(0.5, abs=0.01)
