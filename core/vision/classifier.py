"""The one executor of a bundle: what answers, evaluates and calibrates goes through it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from PIL import Image

from core.errors import BundleError
from core.logs import log
from core.vision.bundle import Bundle
from core.vision.card.contents import Card
from core.vision.class_mix import in_order, with_mix
from core.vision.locating.locator import open_locator
from core.vision.profile import Profile
from core.vision.reference_cells import ReferenceIndex, load_index, prints_of
from core.vision.runtimes import OUTPUTS, Outputs, open_runtime
from core.vision.views import CellView

BATCH = 32


@dataclass(frozen=True, eq=False)
class Scores:
    """What a bundle says about N images.

    Attributes:
        classes: (N, K), the probability of each class if it is one of them; rows sum to 1.
        alone: (N,), the index of the likeliest class were all equally common.
        outside: (N, E), the probability of each kind outside the classes against all others;
            E is 0 for a bundle that knows none.
        attributes: (N, A), the probability of each attribute's values, in the card's order; those
            of one attribute sum to 1. A is 0 for a bundle that tells none.
        embedding: (N, D) float32 of length 1; D is 0 for an older bundle.
        prints: (N, P) float32 of length 1: the images as ``reference_cells`` compares them.
    """

    classes: np.ndarray
    alone: np.ndarray
    outside: np.ndarray
    attributes: np.ndarray
    embedding: np.ndarray
    prints: np.ndarray

    def __getitem__(self, row: int) -> "Scores":
        """Those of one image, N = 1."""
        return Scores(*(getattr(self, field.name)[row : row + 1] for field in fields(self)))


class Classifier:
    """A bundle, compiled and ready.

    Raises:
        BundleRefusedError: the runtime cannot execute it, or its locator is missing or damaged.
    """

    def __init__(self, bundle: Bundle, runtime: str = "auto") -> None:
        self.bundle = bundle
        self._prepare = bundle.card.preparation
        if isinstance(bundle.card.view, CellView):
            open_locator(bundle.card.view.locator)  # here, not when the first image comes
        self._runtime = open_runtime(bundle, runtime)

    @property
    def runtime_name(self) -> str:
        """What executes it, e.g. "OpenVINO bf16"."""
        return self._runtime.name

    @property
    def at_least_px(self) -> int:
        """What images should be decoded at: pass it to whatever decodes them."""
        return self._prepare.at_least_px

    @cached_property
    def reference_index(self) -> ReferenceIndex | None:
        """The cells that it learnt from and carries along; None for a bundle without."""
        return load_index(self.bundle)

    def outputs(self, squares: np.ndarray) -> Outputs:
        """(N, S, S, 3) uint8 of the card's side → all that the network tells, batch by batch.

        Raises:
            BundleError: the runtime failed, such as for want of memory.
        """
        starts = range(0, max(len(squares), 1), BATCH)
        told = [self._run(squares[start : start + BATCH]) for start in starts]
        return Outputs(*(np.concatenate([getattr(one, name) for one in told]) for name in OUTPUTS))

    def _run(self, squares: np.ndarray) -> Outputs:
        try:
            return self._runtime.run(squares)
        except Exception as error:  # whatever the device provokes: no square differs in form
            log.error("network_failed", exc_info=error)
            raise BundleError(
                f"The model {self.bundle.name} could not be executed; the log of the server holds "
                "the reason. Try again, or start the server anew."
            ) from error

    def logits(self, squares: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 of the card's side → (N, outputs) float64, before temperature."""
        return self.outputs(squares).logits.astype(np.float64)

    def scores(self, images: Sequence[Image.Image], profile: Profile | None = None) -> Scores:
        """What the bundle says about RGB images of any size.

        Args:
            profile: of the laboratory that the images come from, where there is one.
        """
        side_px = self.bundle.card.side_px
        squares = np.empty((len(images), side_px, side_px, 3), dtype=np.uint8)
        for square, image in zip(squares, images, strict=True):
            square[:] = self._prepare(image, profile)
        return self.scores_of(squares, profile)

    def scores_of(self, squares: np.ndarray, profile: Profile | None = None) -> Scores:
        """The same of images made ready: (N, S, S, 3) uint8 of the card's side."""
        card, told = self.bundle.card, self.outputs(squares)
        count = len(card.classes)
        logits = told.logits.astype(np.float64)
        length = np.linalg.norm(told.embedding, axis=1, keepdims=True)
        return Scores(
            class_probabilities(card, logits, profile),
            logits[:, :count].argmax(axis=1),
            softmax(logits / card.temperature)[:, count:],
            attribute_probabilities(card, told.attributes.astype(np.float64)),
            told.embedding / np.maximum(length, np.finfo(np.float32).tiny),
            prints_of(squares),
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


def attribute_probabilities(card: Card, logits: np.ndarray) -> np.ndarray:
    """(N, A) logits → (N, A) probabilities, those of each attribute's values sum to 1."""
    if card.attributes is None:
        return logits[:, :0]
    sizes = [len(values) for values in card.attributes.values.values()]
    starts = np.cumsum([0, *sizes[:-1]])
    temperatures = [card.attributes.temperature[key] for key in card.attributes.values]
    warm = logits / np.repeat(temperatures, sizes)
    shares = np.exp(warm - np.repeat(np.maximum.reduceat(warm, starts, axis=1), sizes, axis=1))
    return np.asarray(shares / np.repeat(np.add.reduceat(shares, starts, axis=1), sizes, axis=1))


def softmax(logits: np.ndarray) -> np.ndarray:
    """(N, K) → (N, K), rows sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
