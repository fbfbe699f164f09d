"""What teaching a locator and a detector have in common."""

from dataclasses import dataclass

from core.vision.augmentation import Augmentation

GREY = 0.1  # so many windows lose their colour: shape must do
# Stained, lit and focused in many ways; windows are turned with their boxes elsewhere.
CHANGES = Augmentation(
    flips=False,
    rotation_degrees=0,
    zoom=0,
    shift=0,
    brightness=0.2,
    contrast=0.3,
    stain=0.4,
    blur=1.5,
    density=0.5,
    coarse=0.7,
    noise=0.04,
    exposure=0.5,
)


@dataclass(frozen=True)
class Step:
    """How far it is: steps done of all, and the mean loss since the last one told."""

    done: int
    total: int
    loss: float
