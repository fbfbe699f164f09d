"""Answers on their way into the log; nothing is shown that is not in it."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from core.analysis.intake import CellImage, Refused
from core.analysis.predictor import BATCH, Predictor
from core.parallel import chunks
from core.prediction import Prediction
from core.records.readings import NewReading
from core.records.store import Store

THUMBNAIL_PX = 96


@dataclass(frozen=True, eq=False)
class LoggedAnswer:
    """An answer that stands in the log under ``reading_id``."""

    image: CellImage
    prediction: Prediction
    reading_id: int


def answer_and_log(
    predictor: Predictor,
    store: Store,
    images: Iterable[CellImage | Refused],
    account_id: int | None,
    *,
    source: str = "page",
    keep_thumbnails: bool = True,
    batch: int = BATCH,
) -> Iterator[LoggedAnswer | Refused]:
    """Answers in the order of the images; each batch is given out once it is logged.

    Raises:
        LogFailedError: the batch was not logged; the batches before it were.
    """
    for chunk in chunks(images, batch):
        cells = [item for item in chunk if isinstance(item, CellImage)]
        answers = predictor.predict(cells)
        askers = [account_id] * len(cells)
        ids = log_predictions(store, answers, cells, askers, source, keep_thumbnails)
        logged = map(LoggedAnswer, cells, answers, ids)
        yield from (item if isinstance(item, Refused) else next(logged) for item in chunk)


def log_predictions(
    store: Store,
    predictions: Sequence[Prediction],
    images: Sequence[CellImage],
    account_ids: Sequence[int | None],
    source: str = "page",
    keep_thumbnails: bool = True,
) -> list[int]:
    """Writes all answers in one transaction; their reading ids, in order.

    Args:
        account_ids: who asked, one an answer; None for nobody signed in.

    Raises:
        LogFailedError: nothing was written, so no answer may be shown.
    """
    if not predictions:
        return []
    readings = [
        NewReading(
            prediction, asker, image.um_per_px, thumbnail(image) if keep_thumbnails else None
        )
        for prediction, image, asker in zip(predictions, images, account_ids, strict=True)
    ]
    return store.log(readings, source)


def thumbnail(image: CellImage, side_px: int = THUMBNAIL_PX, quality: int = 80) -> bytes:
    """A small JPEG of the whole picture, at most ``side_px`` on its longer side."""
    small = image.picture.copy()
    small.thumbnail((side_px, side_px), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()
