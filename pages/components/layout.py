"""What is the same on every page: heading, foot, the project's mark."""

from pathlib import Path

import streamlit as st

from core.taxonomy import RESEARCH_USE

ASSETS = Path(__file__).with_name("assets")
ICON = ASSETS / "icon.svg"
FIELD = ASSETS / "field.svg"
NAME = "Blood cell classification"


def page(title: str, caption: str) -> None:
    """Draws a page's heading and the one line that says what it is for."""
    st.title(title)
    st.caption(caption)


def foot() -> None:
    """Draws the sentence that stands under every page."""
    st.space("medium")
    st.caption(RESEARCH_USE)
