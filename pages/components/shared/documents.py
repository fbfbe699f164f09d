"""Markdown documents on a page: cards of bundles and of the data set, and what was tried."""

import re
from pathlib import Path

import streamlit as st

from core.dataset.attributes import find_attributes, read_attributes
from core.dataset.card.text import data_set_card
from core.dataset.catalogue import Catalogue
from core.errors import DatasetError
from core.vision.card.contents import Card
from core.vision.card.text import card_markdown
from pages.components.shared import data_set as data
from pages.components.shared.words import plain

TRIALS = Path(__file__).parents[3] / "docs/model/ablations.md"


def card(card: Card) -> None:
    """Draws a bundle's card, with a download."""
    _with_download(card_markdown(card), card.name, "card")


@st.dialog("A model's card", width="large")
def open_card(of: Card, *, all_models: bool = False) -> None:
    """Draws the same over any page.

    Args:
        all_models: whether the reader may go on to all models.
    """
    if all_models:
        st.page_link("pages/models.py", label="All models", icon=":material/deployed_code:")
    _with_download(card_markdown(of), of.name, "card over a page", down=0)


def data_set(catalogue: Catalogue) -> None:
    """Draws the card of the data set in use, with a download."""
    files, given = find_attributes(catalogue.root), None
    try:
        given = read_attributes(files) if files else None
    except DatasetError as error:
        st.warning(f"The card leaves attributes out. {plain(error)}", icon=":material/warning:")
    text = data_set_card(catalogue, data.source(), data.split(catalogue), given)
    _with_download(text, f"data-set-{catalogue.fingerprint}", "data set card")


def trials() -> None:
    """Draws what was tried for the bundle that ships, with its figures."""
    text = TRIALS.read_text(encoding="utf-8")
    # What a document links to beside itself is not on the page.
    _document(re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text))


def _with_download(text: str, name: str, key: str, down: int = 2) -> None:
    st.download_button(
        "Card (Markdown)",
        text,
        f"{name}.md",
        "text/markdown",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )
    _document(text, down)


def _document(text: str, down: int = 2) -> None:
    # A page has a title already, so the document's headings go some levels down.
    st.markdown(re.sub(r"^#+ ", lambda mark: "#" * down + mark[0], text, flags=re.MULTILINE))
