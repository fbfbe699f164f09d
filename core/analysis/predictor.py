"""The one way to an answer: page, command line, REST and notebook all call it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock

import numpy as np

from core.analysis.ahead import chunks
from core.analysis.intake import CellImage, Refused
from core.analysis.prediction import Prediction, judge, likely_classes
from core.settings import Settings
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier

BATCH = 32
_opening = Lock()


def open_predictor(settings: Settings) -> "Predictor":
    """The predictor of the bundle in force, opened once a process and shared by its front doors.

    Raises:
        BundleMissingError: there is no such bundle yet.
        BundleRefusedError: there is one, but it cannot be trusted.
    """
    with _opening:  # so that two who come at once do not both compile the network
        return _open(settings)


@lru_cache(maxsize=2)
def _open(settings: Settings) -> "Predictor":
    return Predictor(Classifier(find_bundle(settings.bundle, settings), settings.runtime))


class Predictor:
    """Answers cell images with one bundle; safe to share by threads."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier

    @property
    def side_px(self) -> int:
        """The side of the squares that the network sees: pass it to ``read_image``."""
        return self.classifier.bundle.card.side_px

    def predict(self, images: Sequence[CellImage]) -> list[Prediction]:
        """One answer an image, in order; the same alone as in a batch."""
        if not images:
            return []
        started = time.perf_counter()
        rows = self.classifier.probabilities([image.picture for image in images])
        share_ms = (time.perf_counter() - started) * 1000 / len(images)
        return [self._answer(image, row, share_ms) for image, row in zip(images, rows, strict=True)]

    def stream(
        self, images: Iterable[CellImage | Refused], batch: int = BATCH
    ) -> Iterator[Prediction | Refused]:
        """Answers in the order of the images, batch by batch; the refused pass through."""
        for chunk in chunks(images, batch):
            cells = [item for item in chunk if isinstance(item, CellImage)]
            answers = iter(self.predict(cells))
            yield from (item if isinstance(item, Refused) else next(answers) for item in chunk)

    def _answer(self, image: CellImage, row: np.ndarray, milliseconds: float) -> Prediction:
        card = self.classifier.bundle.card
        probabilities = dict(zip(card.classes, row.tolist(), strict=True))
        label = max(probabilities, key=lambda key: probabilities[key])
        likely = likely_classes(probabilities, card.set_limits)
        status, reason = judge(probabilities, card.review_below, likely)
        return Prediction(
            image.name,
            image.sha256,
            label,
            probabilities[label],
            probabilities,
            likely,
            status,
            reason,
            card.name,
            milliseconds,
        )
