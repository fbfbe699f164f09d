"""Confirmed cells that look like the one in question, beside it and at the same scale."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import streamlit as st

from core.evidence import ReferenceCell
from core.vision.bundle import Bundle
from core.vision.reference_cells import reference_picture
from pages.components import cells

SIDE_PX = 76


def alike(found: Sequence[ReferenceCell], bundle: Bundle | None, own: np.ndarray | None) -> None:
    """Draws the reference cells of an answer, class by class; nothing where there are none.

    Args:
        bundle: the one that holds their pictures; None where it is gone.
        own: the cell in question as the network sees it, (S, S, 3) uint8; None where its picture
            is not kept.
    """
    if not found:
        return
    st.markdown("**Reference cells:** the most alike of each likely class.")
    if own is not None:
        with st.container(width=SIDE_PX, gap="xxsmall"):
            st.image(own, width=SIDE_PX)
            st.caption("This cell")
    for label, group in groupby(found, key=lambda cell: cell.label):
        cells.class_badge(label)
        with st.container(horizontal=True, gap="small"):
            for cell in group:
                _cell(cell, bundle)
    st.caption(
        "As the network sees them, at the same scale. Confirmed cells that it learnt from, "
        "none of the same image."
    )


def _cell(cell: ReferenceCell, bundle: Bundle | None) -> None:
    picture = reference_picture(bundle, cell.entry) if bundle else None
    with st.container(width=SIDE_PX, gap="xxsmall"):
        if picture is not None:
            st.image(picture, width=SIDE_PX)
        st.caption(f"`{cell.file}`", help=f"{cell.source}. Likeness {cell.likeness:.2f}.")
