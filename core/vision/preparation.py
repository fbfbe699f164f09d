"""From a decoded image to the square of pixels that a network sees."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from core import fingerprint
from core.vision.framing import Framing, centred, find_framing, framed
from core.vision.locating.locator import open_locator
from core.vision.profile import Profile
from core.vision.views import CellView, View

# What decides the pixels that networks see of an encoded image.
MADE_BY = (
    "core.images",
    "core.vision.preparation",
    "core.vision.framing",
    "core.vision.nucleus",
    "core.vision.graph",
    "core.vision.locating.locator",
    "core.vision.views",
)
DECODED = 1.4  # a framed cell fills about this share of its image's side


@dataclass(frozen=True)
class Preparation:
    """How images are made ready for one network, in training and for predictions alike.

    Attributes:
        side_px: the network sees squares of this side.
        view: how it wants to see its cells; None shows it the centred square as it is.
        margin: so many times as much is kept around a framed cell, for training to turn,
            shift and scale it without running out of image.
    """

    side_px: int
    view: View | None = None
    margin: float = 1.0

    @property
    def at_least_px(self) -> int:
        """What an image's shorter side should be decoded at."""
        return math.ceil(self.side_px * DECODED) if self.view else self.side_px

    @property
    def stored_px(self) -> int:
        """The side of what it makes."""
        return round(self.side_px * self.margin) if self.view else self.side_px

    @property
    def mark(self) -> str:
        """A name for the pixels that it makes, for files: other code makes other ones."""
        view = self.view
        locator = open_locator(view.locator).card if isinstance(view, CellView) else None
        made_by = [asdict(self), locator and locator.checksums, fingerprint.of_code(*MADE_BY)]
        exact = json.dumps(made_by, sort_keys=True)
        return f"{self.stored_px}-{hashlib.sha256(exact.encode()).hexdigest()[:8]}"

    def see(self, image: Image.Image, profile: Profile | None = None) -> "Seen":
        """An RGB image as the network sees it, and where that lies in the image."""
        if self.view is None:
            framing = centred(image, self.side_px)
        else:
            framing = find_framing(image, self.view, self.side_px, profile, self.margin)
        return Seen(framed(image, framing), framing)

    def __call__(self, image: Image.Image, profile: Profile | None = None) -> np.ndarray:
        """An RGB image → (S, S, 3) uint8 with S = ``stored_px``."""
        return self.see(image, profile).square


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network sees of one image, (S, S, 3) uint8, and where that lies in the image."""

    square: np.ndarray
    framing: Framing


def middle(squares: np.ndarray, side_px: int) -> np.ndarray:
    """(N, S, S, 3) → (N, side_px, side_px, 3): what is left without the margin."""
    start = (squares.shape[1] - side_px) // 2
    return squares[:, start : start + side_px, start : start + side_px]
