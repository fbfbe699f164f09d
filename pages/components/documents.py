"""Markdown documents on a page: a bundle's card, and what was tried before it was made so."""

import re
from pathlib import Path

import streamlit as st

from core.vision.card import Card
from core.vision.card_text import card_markdown

TRIALS = Path(__file__).parents[2] / "docs/model/ablations.md"


def card(card: Card) -> None:
    """Draws a bundle's card, with a download."""
    text = card_markdown(card)
    st.download_button(
        "Card (Markdown)",
        text,
        f"{card.name}.md",
        "text/markdown",
        icon=":material/download:",
        on_click="ignore",
    )
    _document(text)


def trials() -> None:
    """Draws what was tried for the bundle that ships, with its figures."""
    _document(TRIALS.read_text(encoding="utf-8"))


def _document(text: str) -> None:
    # What a document links to beside itself is not on the page.
    text = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text)
    # The page has a title already: the document's headings go two levels down.
    st.markdown(re.sub(r"^#+ ", lambda mark: f"##{mark[0]}", text, flags=re.MULTILINE))
