"""Waiting files become predictions: read, predicted, logged, and by that on the sheet."""

from collections import deque
from collections.abc import Iterator

from core.access.accounts import Account
from core.analysis.intake import CellImage, Refused, read_upload
from core.analysis.limits import UploadLimits
from core.analysis.logging import LoggedPrediction, predict_and_log
from core.analysis.predictor import Predictor
from core.records.store import Store
from core.settings import Settings
from pages.components.predict.inbox import Inbox, Upload
from pages.components.reading import image

BATCH = 16


def predict_waiting(
    box: Inbox, predictor: Predictor, store: Store, account: Account, settings: Settings
) -> Iterator[int]:
    """Predicts all that waits; gives the number of images so far after each batch.

    It may be dropped at any batch and called again: what is logged is not done twice.

    Raises:
        LogFailedError: a batch could not be logged; it stays among what waits.
    """
    images = 0
    for example in (False, True):
        uploads = [u for u in box.waiting.values() if u.example is example]
        owners: deque[Upload] = deque()
        predictions = predict_and_log(
            predictor,
            store,
            _unpredicted(box, uploads, owners, settings, predictor.at_least_px),
            account.id,
            settings,
            source="example" if example else "page",
            on_sheet=True,
            batch=BATCH,
        )
        for prediction in predictions:
            _put(box, owners.popleft(), prediction)
            images += 1
            if not images % BATCH:
                yield images
        for upload in uploads:
            del box.waiting[upload.id]
    if images % BATCH:
        yield images


def _unpredicted(
    box: Inbox, uploads: list[Upload], owners: deque[Upload], settings: Settings, at_least_px: int
) -> Iterator[CellImage | Refused]:
    limits = UploadLimits.from_settings(settings)
    for upload in uploads:
        skip = box.done[upload.id]
        for number, item in enumerate(read_upload(upload.name, upload.data, limits, at_least_px)):
            if number >= skip:
                owners.append(upload)
                yield item


def _put(box: Inbox, upload: Upload, prediction: LoggedPrediction | Refused) -> None:
    box.done[upload.id] += 1
    if isinstance(prediction, Refused):
        box.refused.append(prediction)
    else:
        image.hold(prediction)
