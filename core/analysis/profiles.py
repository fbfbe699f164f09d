"""Laboratory profiles: made from unlabelled cells, kept as one JSON file each."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import ValidationError

from core.errors import ProfileError
from core.settings import Settings
from core.vision.class_mix import estimate_mix
from core.vision.classifier import Classifier
from core.vision.nucleus import find_nucleus
from core.vision.profile import Profile

FEWEST_CELLS = 50
BATCH = 32


def make_profile(
    name: str,
    pictures: Sequence[Image.Image],
    classifier: Classifier,
    progress: Callable[[int, int], None] | None = None,
) -> Profile:
    """What is usual in these pictures of single cells; nobody needs to have labelled them.

    Args:
        progress: called with pictures done and pictures in all.

    Raises:
        ProfileError: fewer than 50 pictures in which a cell is found, or a name that cannot be.
    """
    card = classifier.bundle.card
    shares = [
        nucleus.side_px / min(picture.size)
        for picture in pictures
        if (nucleus := find_nucleus(picture)) is not None
    ]
    if len(shares) < FEWEST_CELLS:
        raise ProfileError(
            f"A laboratory profile needs at least {FEWEST_CELLS} pictures of single cells; "
            f"{len(shares)} of these {len(pictures)} show one. Add more."
        )
    try:
        profile = Profile(
            name=name,
            cells=len(shares),
            nucleus_share=float(np.median(shares)),
            class_mix={},
            bundle=card.name,
            created=datetime.now(UTC),
        )
    except ValidationError:
        raise ProfileError(
            "A profile's name has up to 64 letters, digits, '-', '_' and '.', no others."
        ) from None
    blocks = []
    for start in range(0, len(pictures), BATCH):
        blocks.append(classifier.probabilities(pictures[start : start + BATCH], profile))
        if progress is not None:
            progress(min(start + BATCH, len(pictures)), len(pictures))
    mix = estimate_mix(np.concatenate(blocks), card.classes)
    return profile.model_copy(
        update={"class_mix": dict(zip(card.classes, mix.tolist(), strict=True))}
    )


def save_profile(profile: Profile, settings: Settings) -> Path:
    """Keeps a profile under its name, in place of an earlier one; gives its file."""
    settings.profiles_dir.mkdir(parents=True, exist_ok=True)
    file = settings.profiles_dir / f"{profile.name}.json"
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text(profile.model_dump_json(indent=2) + "\n", encoding="utf-8")
    part.replace(file)
    return file


def load_profile(name: str, settings: Settings) -> Profile:
    """The profile of that name.

    Raises:
        ProfileError: there is none, or its file is damaged.
    """
    known = profile_names(settings)
    if name not in known:
        there = ", ".join(known) or "none yet; make one first"
        raise ProfileError(f"No laboratory profile named {name!r}. There are: {there}.")
    try:
        return Profile.model_validate_json((settings.profiles_dir / f"{name}.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise ProfileError(f"Laboratory profile {name} is damaged. Make it again.") from error


def profile_names(settings: Settings) -> list[str]:
    """All that are kept, by name."""
    found = settings.profiles_dir.glob("*.json")
    return sorted(file.stem for file in found if not file.name.startswith("."))
