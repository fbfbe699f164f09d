"""The front page's drop zone: what is dropped is previewed, kept, and handed to Predict."""

import numpy as np
import streamlit as st

from core.errors import ImageRefusedError
from core.image_files import SUFFIXES
from core.images import decode_cell, fit_square

KEY = "dropped_images"
WAITING = "dropped_images_wait"
PREVIEWS = 6
PREVIEW_PX = 96
ENDINGS = [suffix.removeprefix(".") for suffix in (*SUFFIXES, ".zip")]


def zone(label: str, key: str) -> list[tuple[str, bytes]]:
    """Draws the zone and gives what lies in it, as (name, bytes).

    It is kept in ``session_state["dropped_images"]`` for the Predict page.
    """
    files = st.file_uploader(label, type=ENDINGS, accept_multiple_files=True, key=key)
    dropped = [(file.name, file.getvalue()) for file in files]
    if dropped:
        st.session_state[KEY] = dropped
        st.session_state[WAITING] = True
    return dropped


def go_to_predict() -> None:
    """Goes to the Predict page, once, if something was dropped since the last time."""
    if st.session_state.pop(WAITING, False):
        st.switch_page("pages/predict.py")


def preview(dropped: list[tuple[str, bytes]]) -> None:
    """Draws the first of what was dropped, and what cannot be read."""
    previews, unread = [], []
    for name, data in dropped[:PREVIEWS]:
        seen = _seen(data)
        if isinstance(seen, str):
            unread.append((name, seen))
        else:
            previews.append(seen)
    if previews:
        st.image(previews, width=PREVIEW_PX)
    for name, reason in unread:
        if not name.lower().endswith(".zip"):
            st.text(f"{name}: {reason}")


@st.cache_data(max_entries=256, show_spinner=False)
def _seen(data: bytes) -> np.ndarray | str:
    """A small square of an image, or why there is none: of a stranger's file, decoded once."""
    try:
        return fit_square(decode_cell(data, at_least_px=PREVIEW_PX), PREVIEW_PX)
    except ImageRefusedError as error:
        return str(error)
