"""Predictions on their way into the log; nothing is shown that is not in it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from core.analysis.intake import CellImage, Refused
from core.analysis.predictor import Predictor
from core.prediction import Prediction
from core.records.images import ImageStore, NewImage
from core.records.readings import NewReading
from core.records.store import Store
from core.settings import Settings

THUMBNAIL_PX = 144


@dataclass(frozen=True, eq=False)
class LoggedPrediction:
    """A prediction that stands in the log under ``reading_id``."""

    image: CellImage
    prediction: Prediction
    reading_id: int


def predict_and_log(
    predictor: Predictor,
    store: Store,
    images: Sequence[CellImage | Refused],
    account_id: int | None,
    settings: Settings,
    *,
    source: str = "page",
    on_sheet: bool = False,
) -> list[LoggedPrediction | Refused]:
    """Predictions of one batch, in the order of the images; the refused pass through.

    Args:
        on_sheet: whether the predictions go on the open sheet of the account.

    Raises:
        LogFailedError: nothing was written, so no prediction may be shown.
    """
    cells = [item for item in images if isinstance(item, CellImage)]
    given = predictor.predict_each(cells)
    askers = [account_id] * len(cells)
    logged = iter(
        log_given(store, given, cells, askers, settings, source=source, on_sheet=on_sheet)
    )
    return [item if isinstance(item, Refused) else next(logged) for item in images]


def log_given(
    store: Store,
    given: Sequence[Prediction | Refused],
    images: Sequence[CellImage],
    account_ids: Sequence[int | None],
    settings: Settings,
    *,
    source: str = "page",
    on_sheet: bool = False,
) -> list[LoggedPrediction | Refused]:
    """Writes what was predicted in one transaction, with what the settings keep; in order.

    Args:
        given: one an image; the refused pass through.
        account_ids: who asked, one an image; None for nobody signed in.
        on_sheet: whether each prediction goes on the open sheet of its account.

    Raises:
        LogFailedError: nothing was written, so no prediction may be shown.
    """
    told = [
        (one, image, asker)
        for one, image, asker in zip(given, images, account_ids, strict=True)
        if isinstance(one, Prediction)
    ]
    ids = iter(_log(store, told, settings, source, on_sheet))
    return [
        one if isinstance(one, Refused) else LoggedPrediction(image, one, next(ids))
        for one, image in zip(given, images, strict=True)
    ]


def _log(
    store: Store,
    told: Sequence[tuple[Prediction, CellImage, int | None]],
    settings: Settings,
    source: str,
    on_sheet: bool,
) -> list[int]:
    """Ids of the readings, in order."""
    if not told:
        return []
    readings = [
        NewReading(
            prediction,
            asker,
            image.um_per_px,
            thumbnail(image) if settings.keep_thumbnails else None,
            _new_image(image) if settings.keep_images else None,
        )
        for prediction, image, asker in told
    ]
    return store.log(readings, source, images=ImageStore.from_settings(settings), on_sheet=on_sheet)


def _new_image(image: CellImage) -> NewImage:
    width, height = image.size_px
    return NewImage(image.sha256, image.encoded, image.format, width, height, image.um_per_px)


def thumbnail(image: CellImage, side_px: int = THUMBNAIL_PX, quality: int = 80) -> bytes:
    """A small JPEG of the whole image, at most ``side_px`` on its longer side."""
    small = image.rgb.copy()
    small.thumbnail((side_px, side_px), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()
