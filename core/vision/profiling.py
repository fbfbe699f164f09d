"""Makes a laboratory profile from unlabelled cells."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
from PIL import Image
from pydantic import ValidationError

from core.errors import ProfileError
from core.vision.class_mix import estimate_mix
from core.vision.classifier import Classifier
from core.vision.nucleus import find_nucleus
from core.vision.profile import Profile

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
    shares = [
        nucleus.side_px / min(image.size)
        for image in images
        if (nucleus := find_nucleus(image)) is not None
    ]
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
