"""Waiting files become predictions: read, predicted, logged, and by that on the sheet."""

from collections.abc import Callable, Iterator
from itertools import islice

from core.access.accounts import Account
from core.analysis.archive import Member
from core.analysis.intake import Refused, files_of, read_file
from core.analysis.limits import UploadLimits
from core.analysis.logging import predict_and_log
from core.analysis.predictor import Predictor
from core.records.store import Store
from core.settings import Settings
from pages.components.predict.inbox import Inbox, Upload
from pages.components.reading import image

BATCH = 16


def predict_waiting(
    box: Inbox, ask: Callable[[], Predictor], store: Store, account: Account, settings: Settings
) -> Iterator[int]:
    """Predicts all that waits; gives the number of images so far after each batch.

    It may be dropped at any batch and called again: what is logged is not done twice.

    Args:
        ask: what predicts, asked before each batch; it may end the run.

    Raises:
        LogFailedError: a batch could not be logged; it stays among what waits.
    """
    images, hold = 0, image.holder()
    for example in (False, True):
        uploads = [u for u in box.waiting.values() if u.example is example]
        files = _unpredicted(box, uploads, settings)
        while batch := list(islice(files, BATCH)):
            predictor = ask()
            given = predict_and_log(
                predictor,
                store,
                [read_file(file, predictor.at_least_px) for _, file in batch],
                account.id,
                settings,
                source="example" if example else "page",
                on_sheet=True,
            )
            # Streamlit ends a run wherever it is asked for something: nothing here asks it.
            for (upload, _), one in zip(batch, given, strict=True):
                box.done[upload.id] += 1
                if isinstance(one, Refused):
                    box.refused.append(one)
                else:
                    hold(one)
            images += len(batch)
            yield images
        for upload in uploads:
            del box.waiting[upload.id]


def _unpredicted(
    box: Inbox, uploads: list[Upload], settings: Settings
) -> Iterator[tuple[Upload, Member | Refused]]:
    limits = UploadLimits.from_settings(settings)
    for upload in uploads:
        skip = box.done[upload.id]
        for file in islice(files_of(upload.name, upload.data, limits), skip, None):
            yield upload, file
