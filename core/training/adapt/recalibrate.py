"""What a fitted bundle promises is found anew: its weights are others than its parent's."""

import numpy as np

from core.taxonomy import NO_CELL
from core.training.adapt.fitting import Labelled
from core.training.packaging.limits import calibrated_on, elsewhere, with_limits
from core.training.packaging.reference import Reference
from core.training.recipes import UNLIKE_EACH_OTHER
from core.vision.card.contents import Card
from core.vision.classifier import Classifier
from core.vision.preparation import middle
from core.vision.reference_cells import load_index


def recalibrated(made: Classifier, reference: Reference, fitted: Labelled) -> Card:
    """Its card with temperature, limit of confidence, referral and prediction sets of its own.

    All of it is found on the reference cells of validation, as they are and changed as
    laboratories differ; where cells are referred, also on normal cells that it learnt from. Those
    are few, and it was just fitted to them: it no longer takes any for abnormal, and a limit found
    on them alone would refer one normal cell in ten that it has not seen. So the limit of referral
    is no lower than its parent's, which stands on all normal cells of all laboratories.

    Args:
        made: with its parent's card.
        fitted: cells of the laboratory that it was fitted to.
    """
    card, side_px = made.bundle.card, made.bundle.card.side_px
    images = reference.images[reference.validation]
    home = made.logits(middle(images, side_px))
    changed = made.logits(elsewhere(images, UNLIKE_EACH_OTHER, side_px))
    found = calibrated_on(card, home, reference.targets[reference.validation], changed)
    others = [reference.images[_of_others(made, reference)], fitted.images]
    found = with_limits(found, home, [made.logits(middle(one, side_px)) for one in others])
    if card.refer_above is None or found.refer_above is None:
        return found
    return found.model_copy(update={"refer_above": max(card.refer_above, found.refer_above)})


def _of_others(made: Classifier, reference: Reference) -> np.ndarray:
    """Rows of normal cells of further laboratories; few of each are kept, so they go together."""
    card, index = made.bundle.card, load_index(made.bundle)
    if index is None:
        return np.empty(0, dtype=np.int64)
    outputs = (*card.classes, *card.outside)
    is_cell = np.array([outputs[target] != NO_CELL.key for target in reference.targets])
    rows = np.flatnonzero(~reference.validation & is_cell)  # as the index has them
    theirs = np.array([source != card.data.source for source in index.sources], dtype=bool)
    normal = reference.targets[rows] < len(card.classes)
    return np.asarray(rows[theirs & normal])
