"""Why a model says so: the cell's morphology in words, and confirmed cells that look like it."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
import streamlit as st

from core.errors import BloodCellsError
from core.morphology import Observed, attribute, seen_in_words
from core.prediction import ReferenceCell
from core.vision.reference_cells import EACH, reference_image
from pages.components.shared import cells, resources
from pages.components.shared.seen import as_seen
from pages.components.shared.words import plain

GAP_PX = 6


def seen(attributes: Mapping[str, Observed]) -> None:
    """Draws a cell's morphology in words, with how sure each is folded away, or nothing."""
    if not attributes:
        return
    st.markdown(f"**Seen:** {seen_in_words(attributes)}.")
    with st.expander("Confidence of each", icon=":material/biotech:"):
        for key, one in attributes.items():
            value = attribute(key).words[one.value] or "none"
            st.progress(one.confidence, f"{attribute(key).name}: {value}, {one.confidence:.0%}")


def alike(
    found: Sequence[ReferenceCell], bundle: str, profile: str | None, image: bytes | None
) -> None:
    """Draws the reference cells of a prediction, class by class; nothing where there are none.

    Args:
        bundle: name of the one that predicted; it holds their images.
        profile: name of the laboratory profile that was predicted under.
        image: the bytes of the image in question; None where they are not kept.
    """
    if not found:
        return
    st.markdown("**Most similar reference cells**")
    own = _square(image, bundle, profile) if image else None
    for label, group in groupby(found, key=lambda cell: cell.label):
        cells.class_badge(label)
        _row([(own, "this cell"), *((_image(bundle, cell.entry), _told(cell)) for cell in group)])
    st.caption(
        "All at one scale, as the network sees them, none from the same image. The number is how "
        "alike they look to it, at most 1; the class is that of the training set."
    )


def _row(squares: Sequence[tuple[np.ndarray | None, str]]) -> None:
    """Draws images side by side, and what they are; also of those that are not kept."""
    kept = [(square, words) for square, words in squares if square is not None]
    if kept:
        strip = _strip([square for square, _ in kept])
        st.image(strip, width="stretch", alt=", ".join(words for _, words in kept))
    gone = [words for square, words in squares if square is None]
    parts = (("From left", [words for _, words in kept]), ("No longer kept", gone))
    st.caption(". ".join(f"{name}: {', '.join(words)}" for name, words in parts if words))


def _strip(squares: Sequence[np.ndarray]) -> np.ndarray:
    """(S, S, 3) each → one image with an alpha channel.

    It has room for the cell itself and ``EACH`` others, so that all strips have one scale.
    """
    side_px = len(squares[0])
    strip = np.zeros((side_px, (1 + EACH) * (side_px + GAP_PX) - GAP_PX, 4), dtype=np.uint8)
    for place, square in enumerate(squares):
        start = place * (side_px + GAP_PX)
        strip[:, start : start + side_px, :3] = square
        strip[:, start : start + side_px, 3] = 255
    return strip


def _told(cell: ReferenceCell) -> str:
    """File, likeness and, in short, where it is from: sources read "name, part: what it is"."""
    laboratory = re.split("[,:]", cell.source, maxsplit=1)[0]
    return f"{plain(cell.file)} ({plain(laboratory)}, {cell.likeness:.2f})"


@st.cache_data(max_entries=1024, show_spinner=False)
def _image(bundle: str, entry: str) -> np.ndarray | None:
    found = resources.bundle(bundle)
    return reference_image(found, entry) if found else None


def _square(image: bytes, bundle: str, profile: str | None) -> np.ndarray | None:
    """The image as the network saw it, (S, S, 3) uint8; None where that cannot be told now."""
    try:
        return as_seen(image, bundle, profile).square
    except BloodCellsError:
        return None
