"""Deleting the image of a reading, asked for twice: it cannot be undone."""

import streamlit as st

from core.access.accounts import Account
from core.access.images import delete_image
from core.errors import AccessError, RecordError
from core.records.images import ImageStore
from core.records.readings import LoggedReading
from core.settings import settings
from pages.components.shared import resources
from pages.components.shared.words import plain

FAILED = "image_deletion_failed"


def offer(reading: LoggedReading, account: Account) -> None:
    """Draws what deleting means, and the button behind it."""
    told = st.session_state.pop(FAILED, None)
    if told:
        st.error(plain(told), icon=":material/error:")
    with st.popover("Delete image", icon=":material/delete:"):
        st.text(
            "Deletes the image, its thumbnails and its heat maps, for all readings of it. "
            "The readings and what people said of them stay. It cannot be undone."
        )
        st.button(
            "Delete it for good",
            key="history_delete_image",
            on_click=_delete,
            args=(reading.id, account),
        )


def _delete(reading_id: int, account: Account) -> None:
    images = ImageStore.from_settings(settings())
    try:
        delete_image(resources.store(), images, account, reading_id)
    except (AccessError, RecordError) as error:
        st.session_state[FAILED] = f"Not deleted. {error}"
