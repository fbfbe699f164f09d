"""What is the same on every page: heading, foot, the project's mark."""

from pathlib import Path

import streamlit as st

from core.taxonomy import RESEARCH_USE

ASSETS = Path(__file__).parents[1] / "assets"
ICON = ASSETS / "icon.svg"
LOGO = ASSETS / "logo.svg"
FIELD = ASSETS / "field.svg"
NAME = "Blood cell classification"


def begin() -> None:
    """Sets the browser's tab, the mark and what the theme cannot say."""
    st.set_page_config(NAME, page_icon=str(ICON), layout="wide")
    st.logo(str(LOGO), size="large", icon_image=str(ICON))
    st.html(ASSETS / "style.css")


def page(title: str, caption: str) -> None:
    """Draws a page's heading and the one line that says what it is for."""
    st.title(title)
    st.caption(caption)


def foot() -> None:
    """Draws the sentence that stands under every page."""
    st.space("medium")
    st.caption(RESEARCH_USE)
