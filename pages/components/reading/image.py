"""The image of a reading: from the store, else as this session handed it in, else why it is gone.

A session holds only what the installation does not keep, so that its own readings can be judged.
"""

from collections.abc import Callable

import streamlit as st

from core.access.accounts import Account
from core.access.images import image_of
from core.analysis.logging import LoggedPrediction, thumbnail
from core.records.history.filter import Viewer
from core.records.images import ImageStore
from core.records.readings import LoggedReading
from core.records.sheets import SheetReading
from core.settings import settings
from pages.components.shared import resources

IMAGES = "held_images"
THUMBNAILS = "held_thumbnails"


def holder() -> Callable[[LoggedPrediction], None]:
    """What holds for this session what the settings do not let the installation keep.

    It asks the session now, not when it holds: each asking may end the run, as a click does.
    """
    chosen, images, thumbnails = settings(), _held(IMAGES), _held(THUMBNAILS)

    def hold(reading: LoggedPrediction) -> None:
        if not chosen.keep_images:
            images[reading.reading_id] = reading.image.encoded
        if not chosen.keep_thumbnails:
            thumbnails[reading.reading_id] = thumbnail(reading.image)

    return hold


def held_thumbnail(reading_id: int) -> bytes | None:
    """The small JPEG of a prediction of this session that the log does not keep."""
    return _held(THUMBNAILS).get(reading_id)


def bytes_of(reading: LoggedReading | SheetReading, account: Account) -> bytes | None:
    """The image's bytes as they were handed in; None where nobody has them any more.

    Raises:
        RecordError: the account may not see the reading, or the file is damaged.
    """
    viewer = Viewer(account.role, account.id)
    images = ImageStore.from_settings(settings())
    kept = image_of(resources.store(), images, viewer, reading.id)
    return kept or _held(IMAGES).get(reading.id)


def why_gone(reading: LoggedReading) -> str:
    """What is said where there are no bytes."""
    if reading.image_deleted_at:
        return f"The image was deleted on {reading.image_deleted_at:%-d %b %Y}."
    return "The image is not kept."


def _held(what: str) -> dict[int, bytes]:
    found: dict[int, bytes] = st.session_state.setdefault(what, {})
    return found
