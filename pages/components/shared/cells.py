"""How a cell and its class are drawn: badge, thumbnail, card, gallery.

cells.class_badge("neutrophil")
cells.gallery([cells.Card(pixels, "neutrophil", "98.1%"), ...])
"""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from core.image_files import image_bytes, located, path_in_words
from core.images import decode_cell, fit_square
from core.taxonomy import is_kind, is_known, kind
from pages.components.shared.words import plain

Source = np.ndarray | bytes | Path
LARGE_PX = 360


@dataclass(frozen=True, eq=False)
class Card:
    """One cell of a gallery.

    Attributes:
        image: (H, W, 3) uint8, an image's bytes, or a file.
        label: the class to show under it, None for none.
        caption: plain text, best one short line.
        probabilities: shown under it if given, the likeliest first.
        likeliest: how many of them at most.
    """

    image: Source
    label: str | None = None
    caption: str = ""
    probabilities: Mapping[str, float] | None = None
    likeliest: int = 3


def class_mark(key: str) -> str:
    """HTML of a class's glyph in its colour and its name; made of constants only."""
    known = kind(key)
    return (
        f'<span style="color:{known.colour}" aria-hidden="true">{known.glyph}</span> {known.name}'
    )


def class_badge(key: str) -> None:
    """Draws the name of a class with its glyph in its colour; other labels as plain text."""
    if is_kind(key):
        st.markdown(class_mark(key), unsafe_allow_html=True)
    else:
        st.text(key)


def _as_it_stands(path: Path) -> tuple[str, int]:
    return path_in_words(path), path.stat().st_mtime_ns


@st.cache_data(max_entries=4096, show_spinner=False, hash_funcs={type(Path()): _as_it_stands})
def _from_file(path: Path, side_px: int) -> np.ndarray:
    return fit_square(decode_cell(image_bytes(path), at_least_px=side_px), side_px)


def thumbnail(image: Source, side_px: int = 112) -> np.ndarray:
    """A cell's image as a square, (side_px, side_px, 3) uint8.

    Raises:
        ImageRefusedError: the bytes or the file are no image.
        OSError: the file is gone.
    """
    if isinstance(image, Path):
        image = located(image)
        image.stat()  # Streamlit would wrap the OSError of a file that is gone
        return _from_file(image, side_px)
    if isinstance(image, bytes):
        return fit_square(decode_cell(image, at_least_px=side_px), side_px)
    return fit_square(Image.fromarray(image), side_px)


@st.cache_data(max_entries=64, show_spinner=False)
def large(encoded: bytes) -> bytes:
    """The whole image as the browser can show it, whatever its own format; JPEG.

    Raises:
        ImageRefusedError: the bytes are no image.
    """
    image = decode_cell(encoded, at_least_px=LARGE_PX)
    image.thumbnail((2 * LARGE_PX, 2 * LARGE_PX))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def gallery(cards: Iterable[Card], side_px: int = 112) -> None:
    """Draws cards side by side, in as many rows as the width asks for."""
    with st.container(horizontal=True, gap="small"):
        for card in cards:
            draw_card(card, side_px)


def draw_card(card: Card, side_px: int = 112) -> None:
    """Draws one cell: image, class, caption, likeliest classes."""
    with st.container(width=side_px, gap="xxsmall"):
        st.image(thumbnail(card.image, side_px * 2), width=side_px)
        if card.label is not None:
            class_badge(card.label)
        if card.caption:
            st.caption("  \n".join(plain(line) for line in card.caption.splitlines()))
        if card.probabilities is not None:
            _likeliest(card.probabilities, card.likeliest)


def _likeliest(probabilities: Mapping[str, float], count: int) -> None:
    best = sorted(probabilities, key=lambda key: -probabilities[key])[:count]
    lines = (f"{class_mark(key)} {probabilities[key]:.1%}" for key in best if is_known(key))
    st.caption("<br>".join(lines), unsafe_allow_html=True)
