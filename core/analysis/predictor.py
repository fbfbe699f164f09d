"""The one way to a prediction: page, command line, REST and notebook all call it."""

import time
from collections.abc import Iterable, Iterator, Sequence

from core.analysis.intake import CellImage, Refused, failed
from core.errors import BloodCellsError
from core.parallel import chunks
from core.prediction import CellRef, Prediction, ReferenceCell
from core.vision.classifier import Classifier, Scores
from core.vision.decision import decide
from core.vision.profile import Profile

BATCH = 32
MOST_SHOWN = 3  # labels that reference cells are shown of


class Predictor:
    """Predicts the class of cell images with one bundle; safe to share by threads.

    Raises:
        ProfileError: the laboratory profile was made with another bundle.
    """

    def __init__(self, classifier: Classifier, profile: Profile | None = None) -> None:
        if profile:
            profile.check_made_with(classifier.bundle.name)
        self.classifier, self.profile = classifier, profile

    @property
    def at_least_px(self) -> int:
        """What images should be decoded at: pass it to ``read_image``."""
        return self.classifier.at_least_px

    def predict(self, images: Sequence[CellImage]) -> list[Prediction]:
        """One prediction an image, in order; the same alone as in a batch."""
        if not images:
            return []
        started = time.perf_counter()
        scores = self.classifier.scores([image.rgb for image in images], self.profile)
        share_ms = (time.perf_counter() - started) * 1000 / len(images)
        return [self._prediction(image, scores[row], share_ms) for row, image in enumerate(images)]

    def predict_each(self, images: Sequence[CellImage]) -> list[Prediction | Refused]:
        """The same, but an image that a step cannot take is refused; the others are predicted.

        Raises:
            BloodCellsError: the model is at fault, whatever the image.
        """
        try:
            return list(self.predict(images))
        except BloodCellsError:
            raise
        except Exception as error:
            if len(images) == 1:
                return [failed(images[0].name, error)]
        return [given for image in images for given in self.predict_each([image])]

    def stream(
        self, images: Iterable[CellImage | Refused], batch: int = BATCH
    ) -> Iterator[Prediction | Refused]:
        """Predictions in the order of the images, batch by batch; the refused pass through."""
        for chunk in chunks(images, batch):
            cells = [item for item in chunk if isinstance(item, CellImage)]
            predictions = iter(self.predict_each(cells))
            yield from (item if isinstance(item, Refused) else next(predictions) for item in chunk)

    def _prediction(self, image: CellImage, scores: Scores, milliseconds: float) -> Prediction:
        """The prediction of one image.

        Args:
            scores: of this image alone.
        """
        bundle, profile = self.classifier.bundle, self.profile
        made = decide(bundle.card, scores, image.doubt)
        return Prediction(
            cell=CellRef(image.sha256, image.name),
            label=made.label,
            confidence=made.confidence,
            probabilities=made.probabilities,
            attributes=made.seen,
            reference_cells=self._alike(made.shown_labels, scores, image.name),
            prediction_set=made.prediction_set,
            status=made.status,
            reason=made.reason,
            bundle=bundle.name,
            bundle_hash=bundle.hash,
            profile=profile.name if profile else None,
            profile_hash=profile.hash if profile else None,
            milliseconds=milliseconds,
        )

    def _alike(self, labels: Sequence[str], scores: Scores, name: str) -> tuple[ReferenceCell, ...]:
        """The nearest confirmed cells of each of these labels."""
        index = self.classifier.reference_index
        if index is None:
            return ()
        (embedding,), (print_,) = scores.embedding, scores.prints
        nearest = (index.nearest(embedding, print_, label, name) for label in labels[:MOST_SHOWN])
        return tuple(cell for cells in nearest for cell in cells)
