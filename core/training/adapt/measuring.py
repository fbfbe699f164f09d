"""What a bundle makes of labelled cells, before and after it is fitted to others."""

from dataclasses import dataclass

import numpy as np

from core.prediction import Status
from core.training.adapt.change import Change
from core.training.adapt.fitting import Labelled
from core.vision.classifier import Classifier
from core.vision.decision import decide
from core.vision.preparation import middle

_NO_CLASS = (Status.REFERRED, Status.REJECTED)


@dataclass(frozen=True, eq=False)
class Checks:
    """Cells that decide.

    Attributes:
        there: of the laboratory that the bundle is fitted to, not fitted on.
        home: of the source laboratory, of validation.
        abnormal: to be referred; their targets lie beyond the classes.
    """

    there: Labelled
    home: Labelled
    abnormal: Labelled


@dataclass(frozen=True, eq=False)
class Measured:
    """What becomes of the cells of ``Checks``: an entry a cell.

    Attributes:
        there, home: whether its class is told and right.
        confident: of ``there``, whether it is predicted confidently.
        referred: of ``abnormal``, whether it is referred.
    """

    there: np.ndarray
    home: np.ndarray
    confident: np.ndarray
    referred: np.ndarray


def measured(classifier: Classifier, on: Checks) -> Measured:
    """The predictions of these cells by the rule that answers."""
    there, confident = _right(classifier, on.there)
    home, _ = _right(classifier, on.home)
    _, statuses = _predicted(classifier, on.abnormal)
    referred = np.array([status == Status.REFERRED for status in statuses], dtype=bool)
    return Measured(there, home, confident, referred)


def change_of(before: Measured, after: Measured, fitted: int) -> Change:
    """What parts the two.

    Args:
        fitted: cells that were fitted on.
    """
    return Change(
        fitted=fitted,
        checked=len(before.there),
        before=float(before.there.mean()),
        after=float(after.there.mean()),
        better=int((after.there & ~before.there).sum()),
        worse=int((before.there & ~after.there).sum()),
        home_before=float(before.home.mean()),
        home_after=float(after.home.mean()),
        confident_before=float(before.confident.mean()),
        confident_after=float(after.confident.mean()),
        abnormal=len(before.referred),
        referred_before=int(before.referred.sum()),
        referred_after=int(after.referred.sum()),
    )


def _right(classifier: Classifier, cells: Labelled) -> tuple[np.ndarray, np.ndarray]:
    """(N,) whether the class is told and right; (N,) whether it is told confidently."""
    labels, statuses = _predicted(classifier, cells)
    keys = classifier.bundle.card.classes
    right = [
        status not in _NO_CLASS and label == keys[target]
        for label, status, target in zip(labels, statuses, cells.targets, strict=True)
    ]
    confident = [status == Status.CONFIDENT for status in statuses]
    return np.array(right, dtype=bool), np.array(confident, dtype=bool)


def _predicted(classifier: Classifier, cells: Labelled) -> tuple[list[str], list[Status]]:
    if not len(cells.targets):
        return [], []
    card = classifier.bundle.card
    scores = classifier.scores_of(middle(cells.images, card.side_px))
    told = [decide(card, scores[row]) for row in range(len(cells.targets))]
    return [one.label for one in told], [one.status for one in told]
