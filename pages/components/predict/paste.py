"""An image pasted anywhere on the page."""

import base64
import binascii
from collections.abc import Callable

import streamlit as st

from core.settings import settings
from pages.components.shell.layout import ASSETS

KEY = "pasted_image"

_component = st.components.v2.component(
    "paste_image", js=(ASSETS / "paste.js").read_text(encoding="utf-8")
)


def listen(hand_in: Callable[[str, bytes], None]) -> None:
    """Hands in each image that is pasted while the page is open."""

    def pasted() -> None:
        sent = st.session_state[KEY].get("pasted")
        try:
            data = base64.b64decode(sent or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            return
        if data:
            hand_in("pasted image", data)

    _component(key=KEY, data={"most": settings().max_upload_mb * 2**20}, on_pasted_change=pasted)
