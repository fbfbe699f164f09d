"""Makes a laboratory profile from unlabelled cells."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from PIL import Image
from pydantic import ValidationError

from core.errors import ProfileError
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
    shares = _found(_nucleus_share(image) for image in images)
    located = _located(card.view, images)
    if len(shares) < FEWEST_CELLS:
        raise ProfileError(
            f"A laboratory profile needs at least {FEWEST_CELLS} images of single cells; "
            f"{len(shares)} of these {len(images)} show one. Add more."
        )
    try:
        profile = Profile(
            name=name,
            cells=len(shares),
            nucleus_share=float(np.median(shares)),
            cell_share=float(np.median(located)) if located else None,
            class_mix=dict.fromkeys(card.classes, 1 / len(card.classes)),  # until it is known
            bundle=card.name,
            created=datetime.now(UTC),
        )
    except ValidationError:
        raise ProfileError(
            "A profile's name has up to 64 letters, digits, '-', '_' and '.', no others."
        ) from None
    blocks = []
    for start in range(0, len(images), BATCH):
        blocks.append(classifier.probabilities(images[start : start + BATCH], profile))
        if progress is not None:
            progress(min(start + BATCH, len(images)), len(images))
    class_mix = estimate_mix(np.concatenate(blocks), card.classes)
    return profile.model_copy(update={"class_mix": class_mix})


def _found(shares: Iterable[float | None]) -> list[float]:
    return [share for share in shares if share is not None]


def _nucleus_share(image: Image.Image) -> float | None:
    nucleus = find_nucleus(image)
    return nucleus.side_px / min(image.size) if nucleus else None


def _located(view: View | None, images: Sequence[Image.Image]) -> list[float]:
    """Sides of the cells that the view's locator finds, over the images' shorter sides."""
    if not isinstance(view, CellView):
        return []
    cells = map(open_locator(view.locator).find, images)
    return _found(
        math.sqrt(cell.width * cell.height) / min(image.size) if cell else None
        for cell, image in zip(cells, images, strict=True)
    )
