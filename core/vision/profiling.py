"""Makes a laboratory profile from unlabelled cells."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from PIL import Image
from pydantic import ValidationError

from core.errors import ProfileError
from core.taxonomy import NO_CELL
from core.vision.card.contents import Card
from core.vision.class_mix import estimate_mix
from core.vision.classifier import Classifier
from core.vision.locating.locator import open_locator
from core.vision.nucleus import find_nucleus
from core.vision.profile import Profile
from core.vision.views import CellView, View

FEWEST_CELLS = 50
BATCH = 32


def make_profile(
    name: str,
    images: Sequence[Image.Image],
    classifier: Classifier,
    progress: Callable[[int, int], None] | None = None,
) -> Profile:
    """What is usual in these images of single cells; nobody needs to have labelled them.

    Args:
        progress: called with images done and images in all.

    Raises:
        ProfileError: fewer than 50 images in which a cell is found, or a name that cannot be.
    """
    card = classifier.bundle.card
    nuclei = [_nucleus_share(image) for image in images]
    cells = _cell_shares(card.view, images)
    profile = _draft(name, nuclei, cells, card)
    probabilities, not_cells = [], []
    for start in range(0, len(images), BATCH):
        scores = classifier.scores(images[start : start + BATCH], profile)
        probabilities.append(scores.classes)
        not_cells += _rejected(card, scores.outside)
        if progress is not None:
            progress(min(start + BATCH, len(images)), len(images))
    measured = cells if isinstance(card.view, CellView) else nuclei
    seen = [share is not None and not none for share, none in zip(measured, not_cells, strict=True)]
    if sum(seen) < FEWEST_CELLS:
        raise ProfileError(
            f"A laboratory profile needs at least {FEWEST_CELLS} images of single cells; "
            f"{sum(seen)} of these {len(images)} show one. Add more."
        )
    class_mix = estimate_mix(np.concatenate(probabilities)[seen], card.classes)
    return profile.model_copy(update={"cells": sum(seen), "class_mix": class_mix})


def _draft(
    name: str, nuclei: Sequence[float | None], cells: Sequence[float | None], card: Card
) -> Profile:
    """The profile before it is known which images show a cell, and of which class."""
    try:
        return Profile(
            name=name,
            cells=max(1, len(cells)),
            nucleus_share=_usual(nuclei),
            cell_share=_usual(cells),
            class_mix=dict.fromkeys(card.classes, 1 / len(card.classes)),
            bundle=card.name,
            created=datetime.now(UTC),
        )
    except ValidationError:
        raise ProfileError(
            "A profile's name has up to 64 letters, digits, '-', '_' and '.', no others."
        ) from None


def _usual(shares: Iterable[float | None]) -> float | None:
    found = [share for share in shares if share is not None]
    return float(np.median(found)) if found else None


def _rejected(card: Card, outside: np.ndarray) -> list[bool]:
    """Which images the bundle takes for no cell; (N, E) as its scores tell them."""
    if card.reject_above is None:
        return [False] * len(outside)
    none: list[bool] = (outside[:, card.outside.index(NO_CELL.key)] >= card.reject_above).tolist()
    return none


def _nucleus_share(image: Image.Image) -> float | None:
    nucleus = find_nucleus(image)
    return nucleus.side_px / min(image.size) if nucleus else None


def _cell_shares(view: View | None, images: Sequence[Image.Image]) -> list[float | None]:
    """Sides of the cells that the view's locator finds, over the images' shorter sides."""
    if not isinstance(view, CellView):
        return [None] * len(images)
    cells = map(open_locator(view.locator).find, images)
    return [
        math.sqrt(cell.width * cell.height) / min(image.size) if cell else None
        for cell, image in zip(cells, images, strict=True)
    ]
