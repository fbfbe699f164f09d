"""The one executor of a bundle: what answers, evaluates and calibrates goes through it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.vision.bundle import Bundle
from core.vision.card import Card
from core.vision.class_mix import in_order, with_mix
from core.vision.profile import Profile
from core.vision.runtimes import open_runtime

BATCH = 32


@dataclass(frozen=True, eq=False)
class Scores:
    """What a bundle says about N pictures.

    Attributes:
        classes: (N, K), the probability of each class if it is one of them; rows sum to 1.
        alone: (N,), the index of the likeliest class were all equally common.
        outside: (N, E), the probability of each kind outside the classes against all others;
            E is 0 for a bundle that knows none.
    """

    classes: np.ndarray
    alone: np.ndarray
    outside: np.ndarray


class Classifier:
    """A bundle, compiled and ready.

    Raises:
        BundleRefusedError: the runtime cannot execute it.
    """

    def __init__(self, bundle: Bundle, runtime: str = "auto") -> None:
        self.bundle = bundle
        self._prepare = bundle.card.preparation
        self._runtime = open_runtime(bundle, runtime)

    @property
    def runtime_name(self) -> str:
        """What executes it, e.g. "OpenVINO bf16"."""
        return self._runtime.name

    @property
    def at_least_px(self) -> int:
        """What pictures should be decoded at: pass it to whatever decodes them."""
        return self._prepare.at_least_px

    def logits(self, squares: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 of the card's side → (N, outputs) float64, before temperature."""
        out = np.empty((len(squares), self.bundle.card.outputs))
        for start in range(0, len(squares), BATCH):
            out[start : start + BATCH] = self._runtime.logits(squares[start : start + BATCH])
        return out

    def scores(self, images: Sequence[Image.Image], profile: Profile | None = None) -> Scores:
        """What the bundle says about RGB images of any size.

        Args:
            profile: of the laboratory that the images come from, where there is one.
        """
        side_px = self.bundle.card.side_px
        squares = np.empty((len(images), side_px, side_px, 3), dtype=np.uint8)
        for square, image in zip(squares, images, strict=True):
            square[:] = self._prepare(image, profile)
        return self._scores_of(self.logits(squares), profile)

    def _scores_of(self, logits: np.ndarray, profile: Profile | None) -> Scores:
        card = self.bundle.card
        count = len(card.classes)
        return Scores(
            class_probabilities(card, logits, profile),
            logits[:, :count].argmax(axis=1),
            softmax(logits / card.temperature)[:, count:],
        )

    def probabilities(
        self, images: Sequence[Image.Image], profile: Profile | None = None
    ) -> np.ndarray:
        """RGB images of any size → (N, K) float64; rows sum to 1."""
        return self.scores(images, profile).classes


def class_probabilities(
    card: Card, logits: np.ndarray, profile: Profile | None = None
) -> np.ndarray:
    """(N, outputs) before temperature → (N, K): each class's, if it is one of them."""
    classes = softmax(logits[:, : len(card.classes)] / card.temperature)
    mix = (profile.class_mix if profile else None) or card.class_mix
    return with_mix(classes, in_order(mix, card.classes))


def softmax(logits: np.ndarray) -> np.ndarray:
    """(N, K) → (N, K), rows sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
