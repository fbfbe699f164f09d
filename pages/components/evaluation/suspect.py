"""One label suspect, large enough to judge, and the images of those that come next."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import ImageRefusedError
from core.image_files import image_bytes
from core.records.label_marks import Doubt, Mark
from core.taxonomy import cell_class
from pages.components.evaluation import marking
from pages.components.shared import cells, charts
from pages.components.shared.words import plain

AHEAD, AHEAD_PX = 8, 92

Sample = Mapping[Hashable, Any]


def judge(rows: pd.DataFrame, found: pd.DataFrame, root: Path, bundle: str) -> None:
    """Draws the suspect whose turn it is, with what a person may say of it.

    Args:
        rows: those to go through, at least one; ``mark`` is the one that counts, or None.
        found: all suspects of the evaluation.
    """
    paths = rows["path"].tolist()
    at = marking.position(paths)
    sample = rows.to_dict("records")[at]
    doubt = Doubt(sample["sha256"], sample["path"], sample["true"], sample["suggested"], bundle)
    left, right = st.columns([5, 7], gap="medium")
    with left:
        _image(root / doubt.path)
        st.text(f"{at + 1:,} of {len(rows):,}, {doubt.path}")
        _said(sample["mark"])
    with right:
        _classes(sample)
        marking.verdicts(doubt, paths[min(at + 1, len(paths) - 1)])
        with st.container(horizontal=True, gap="xsmall"):
            marking.steps(paths, at)
            marking.undo(found)
        _evidence(sample)
    _ahead(rows[at + 1 : at + 1 + AHEAD], root)


def _image(path: Path) -> None:
    try:
        st.image(cells.large(image_bytes(path)), width="stretch", alt=path.name)
    except (ImageRefusedError, OSError):
        st.info("This image is no longer there. Press “Look for changes” on the Data set page.")


def _classes(sample: Sample) -> None:
    with st.container(horizontal=True, gap="large"):
        finer = f" ({sample['subtype'].lower()})" if sample["subtype"] else ""
        for title, key in ((f"Label{finer}", "true"), ("Suggested", "suggested")):
            with st.container(gap="xxsmall", width="content"):
                st.caption(title)
                cells.class_badge(sample[key])


def _said(mark: Mark | None) -> None:
    if mark is not None:
        st.text(f"Marked {mark.verdict} by {mark.by}, {mark.at:%-d %b %Y, %H:%M} UTC")


def _evidence(sample: Sample) -> None:
    st.text(sample["reason"])
    chances = {str(key)[2:]: chance for key, chance in sample.items() if str(key)[:2] == "p_"}
    charts.draw(charts.probability_bars(chances, height_px=176), key="suspects_probabilities")


def _ahead(rows: pd.DataFrame, root: Path) -> None:
    """The suspects that come next; a click on the suggested class shows one at once."""
    with st.container(horizontal=True, gap="small"):
        for sample in rows.to_dict("records"):
            with st.container(width=AHEAD_PX, gap="xxsmall"):
                _thumbnail(root / sample["path"])
                st.button(
                    f"{cell_class(sample['suggested']).name}?",
                    key=f"suspects_open {sample['path']}",
                    type="tertiary",
                    on_click=marking.show,
                    args=(sample["path"],),
                )


def _thumbnail(path: Path) -> None:
    try:
        st.image(cells.thumbnail(path, 2 * AHEAD_PX), width=AHEAD_PX)
    except (ImageRefusedError, OSError):
        st.caption(f"{plain(path.name)} is no longer there.")
