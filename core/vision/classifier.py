"""The one executor of a bundle: what answers, evaluates and calibrates goes through it."""

from collections.abc import Sequence

import numpy as np

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

    def logits(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Images (H, W, 3) uint8 of any size → (N, K) float64, before temperature."""
        side, classes = self.bundle.card.side_px, len(self.bundle.card.classes)
        out = np.empty((len(images), classes))
        for start in range(0, len(images), BATCH):
            chunk = images[start : start + BATCH]
            out[start : start + BATCH] = self._runtime.logits(
                np.stack([fit_square(image, side) for image in chunk])
            )
        return out

    def probabilities(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Images (H, W, 3) uint8 of any size → (N, K) float64; rows sum to 1."""
        return softmax(self.logits(images) / self.bundle.card.temperature)


def softmax(logits: np.ndarray) -> np.ndarray:
    """(N, K) → (N, K), rows sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
