"""What somebody sees who is not signed in: what this is, a drop zone, the sign-in."""

import streamlit as st

from pages.components.home import drop
from pages.components.shell import cookie, guard, layout, links, login

SENTENCE = (
    "Drop images of stained blood cells; see which cell each one is, how confident the "
    "network is, and what it saw."
)
DISABLED = "This account was disabled. Ask an administrator."


def draw() -> None:
    """Draws the landing page, or the form of a one-time link."""
    cookie.drop()
    if links.purpose():
        links.form()
        return
    with st.container(key="landing"):
        _entrance()


def _entrance() -> None:
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with right:
        st.title(layout.NAME)
        st.write(SENTENCE)
        links.notice()
        if guard.DISABLED in st.session_state:
            st.warning(DISABLED, icon=":material/person_off:")
        login.form()
    with left:
        st.image(str(layout.FIELD), width="stretch")
        label = "Drop cell images here; they are read once you are signed in"
        drop.preview(drop.zone(label, key="landing_zone"))
