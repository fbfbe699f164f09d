"""The one executor of a bundle: what answers, evaluates and calibrates goes through it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.images import fit_square
from core.vision.bundle import Bundle
from core.vision.runtimes import open_runtime

BATCH = 32


class Classifier:
    """A bundle, compiled and ready.

    Raises:
        BundleRefusedError: the runtime cannot execute it.
    """

    def __init__(self, bundle: Bundle, runtime: str = "auto") -> None:
        self.bundle = bundle
        self._runtime = open_runtime(bundle, runtime)

    @property
    def runtime_name(self) -> str:
        """What executes it, e.g. "OpenVINO bf16"."""
        return self._runtime.name

    def logits(self, squares: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 of the card's side → (N, K) float64, before temperature."""
        out = np.empty((len(squares), len(self.bundle.card.classes)))
        for start in range(0, len(squares), BATCH):
            out[start : start + BATCH] = self._runtime.logits(squares[start : start + BATCH])
        return out

    def probabilities(self, images: Sequence[Image.Image]) -> np.ndarray:
        """RGB images of any size → (N, K) float64; rows sum to 1."""
        side_px = self.bundle.card.side_px
        squares = np.empty((len(images), side_px, side_px, 3), dtype=np.uint8)
        for square, image in zip(squares, images, strict=True):
            square[:] = fit_square(image, side_px)
        return softmax(self.logits(squares) / self.bundle.card.temperature)


def softmax(logits: np.ndarray) -> np.ndarray:
    """(N, K) → (N, K), rows sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
