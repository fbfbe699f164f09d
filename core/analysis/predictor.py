"""The one way to an answer: page, command line, REST and notebook all call it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock

from core.analysis.attributes import contradiction
from core.analysis.in_use import in_use
from core.analysis.intake import CellImage, Refused
from core.analysis.prediction import REFERRED, Prediction, judge, judge_outside, likely_classes
from core.analysis.profiles import load_profile
from core.evidence import ReferenceCell
from core.parallel import chunks
from core.settings import Settings
from core.taxonomy import ABNORMAL_KEYS, NO_CELL
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier, Scores
from core.vision.observation import observed
from core.vision.profile import Profile

BATCH = 32
MOST_SHOWN = 3  # labels that reference cells are shown of
_opening = Lock()


def open_predictor(settings: Settings, profile: str | None = None) -> "Predictor":
    """The bundle and the laboratory profile in use; the bundle is opened once a process.

    Args:
        profile: name of another profile to answer under than the one in use.

    Raises:
        BundleMissingError: there is no such bundle yet.
        BundleRefusedError: there is one, but it cannot be trusted.
        ProfileError: the profile is gone or damaged.
    """
    chosen = in_use(settings)
    with _opening:  # so that two who come at once do not both compile the network
        classifier = _open(settings, chosen.bundle)
    name = profile or chosen.profile
    return Predictor(classifier, load_profile(name, settings) if name else None)


@lru_cache(maxsize=2)
def _open(settings: Settings, bundle: str) -> Classifier:
    return Classifier(find_bundle(bundle, settings), settings.runtime)


class Predictor:
    """Answers cell images with one bundle; safe to share by threads."""

    def __init__(self, classifier: Classifier, profile: Profile | None = None) -> None:
        self.classifier, self.profile = classifier, profile

    @property
    def at_least_px(self) -> int:
        """What pictures should be decoded at: pass it to ``read_image``."""
        return self.classifier.at_least_px

    def predict(self, images: Sequence[CellImage]) -> list[Prediction]:
        """One answer an image, in order; the same alone as in a batch."""
        if not images:
            return []
        started = time.perf_counter()
        scores = self.classifier.scores([image.picture for image in images], self.profile)
        share_ms = (time.perf_counter() - started) * 1000 / len(images)
        return [self._answer(image, scores[row], share_ms) for row, image in enumerate(images)]

    def stream(
        self, images: Iterable[CellImage | Refused], batch: int = BATCH
    ) -> Iterator[Prediction | Refused]:
        """Answers in the order of the images, batch by batch; the refused pass through."""
        for chunk in chunks(images, batch):
            cells = [item for item in chunk if isinstance(item, CellImage)]
            answers = iter(self.predict(cells))
            yield from (item if isinstance(item, Refused) else next(answers) for item in chunk)

    def _answer(self, image: CellImage, scores: Scores, milliseconds: float) -> Prediction:
        """The answer to one image.

        Args:
            scores: of this image alone.
        """
        card = self.classifier.bundle.card
        (classes,), (outside,), (alone,) = scores.classes, scores.outside, scores.alone
        probabilities = dict(zip(card.classes, classes.tolist(), strict=True))
        others = dict(zip(card.outside, outside.tolist(), strict=True))
        label = max(probabilities, key=lambda key: probabilities[key])
        confidence = probabilities[label]
        likely = likely_classes(probabilities, card.set_limits)
        shown = (label, *(key for key in likely or () if key != label))
        seen = observed(card.attributes, scores.attributes[0], shown)
        limit = card.attributes.contradicts_from if card.attributes else 1.0
        against = contradiction(label, seen, limit)
        verdict = judge_outside(card, others) or judge(
            probabilities, card.review_below, likely, card.classes[alone], others, against
        )
        if verdict[0] == "review" and len(shown) == 1:  # a doubt asks for something to compare
            shown = tuple(sorted(probabilities, key=lambda key: -probabilities[key])[:2])
        if verdict[1] == REFERRED:
            shown = (max(ABNORMAL_KEYS & others.keys(), key=lambda key: others[key]), label)
        if verdict[0] == "rejected":
            label, confidence, seen, shown = NO_CELL.key, others[NO_CELL.key], {}, ()
        return Prediction(
            image.name,
            image.sha256,
            label,
            confidence,
            probabilities,
            seen,
            self._alike(shown, scores, image.name),
            likely,
            *verdict,
            card.name,
            self.profile.name if self.profile else None,
            milliseconds,
        )

    def _alike(self, labels: Sequence[str], scores: Scores, name: str) -> tuple[ReferenceCell, ...]:
        """The nearest confirmed cells of each of these labels."""
        index = self.classifier.reference_index
        if index is None:
            return ()
        (embedding,), (print_,) = scores.embedding, scores.prints
        nearest = (index.nearest(embedding, print_, label, name) for label in labels[:MOST_SHOWN])
        return tuple(cell for cells in nearest for cell in cells)
