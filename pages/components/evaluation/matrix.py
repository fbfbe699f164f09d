"""The confusion matrix and the images behind each of its cells."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import ImageRefusedError
from core.evaluation.results import EvaluationResult
from core.taxonomy import cell_class
from pages.components.evaluation import charts as evaluation_charts
from pages.components.shared import cells, charts
from pages.components.shared.words import plain

PER_PAGE = 12
MATRIX, TRUE, PREDICTED = "matrix", "true", "predicted"


def matrix(result: EvaluationResult) -> None:
    """Draws the confusion matrix; a click chooses its cell, as the two menus beside it do."""
    options = ["Counts", "Per cent of row"]
    shown = st.segmented_control(
        "True class in rows, predicted class in columns",
        options,
        default=options[0],
        required=True,
        key="cells",
        bind="query-params",
    )
    chosen = st.session_state.get(TRUE), st.session_state.get(PREDICTED)
    chart = evaluation_charts.confusion_matrix(
        result.confusion(), result.classes, shown == options[1], chosen
    )
    charts.draw(
        chart,
        key=MATRIX,
        on_select=_clicked,
        selection_mode="points",
        alt="Confusion matrix: true classes in rows, predicted classes in columns.",
    )


def _clicked() -> None:
    points = st.session_state[MATRIX].selection.points
    if points:
        true, predicted = points[0]["customdata"][:2]
        st.session_state[TRUE], st.session_state[PREDICTED] = true, predicted


def chosen_cells(result: EvaluationResult, root: Path) -> None:
    """Draws the menus that choose a cell of the matrix, and the images in it."""
    left, right = st.columns(2)
    with left:
        true = class_menu("True class", TRUE, result.classes)
    with right:
        predicted = class_menu("Predicted class", PREDICTED, result.classes)
    rows, what = _behind(result, true, predicted)
    st.caption(f"{len(rows):,} {what}.")
    with st.container(height=430, border=False):
        samples(rows, root, key="cell")


def class_menu(label: str, key: str, classes: tuple[str, ...]) -> str | None:
    """Draws a menu of classes that may be left empty; the address keeps what is chosen."""
    return st.selectbox(
        label,
        classes,
        index=None,
        format_func=lambda name: cell_class(name).name,  # stands in the address, so no glyph
        placeholder="Any class",
        key=key,
        bind="query-params",
    )


def _behind(
    result: EvaluationResult, true: str | None, predicted: str | None
) -> tuple[pd.DataFrame, str]:
    """The samples to show for a choice, and what they are in words."""
    if true is None and predicted is None:
        return result.errors(), "errors, the most confident first. Click a square to see its images"
    rows = result.samples_in(true, predicted)
    if true == predicted:
        return rows[::-1], "right predictions, the least confident first"
    return rows[~rows["correct"]], "errors, the most confident first"


def samples(
    rows: pd.DataFrame, root: Path, key: str, side_px: int = 104, said: str = "Labelled"
) -> None:
    """Draws samples with their image and probabilities, a page at a time.

    Args:
        rows: as ``EvaluationResult.samples`` has them; the probabilities may lack, and a column
            ``caption`` stands in place of the label.
        said: the word before the label of a sample that was predicted otherwise.
    """
    if rows.empty:
        st.info("No image here. Choose another cell, or clear a menu.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        told = any(str(name).startswith("p_") for name in rows)
        all_classes = told and st.toggle("All probabilities", key=f"{key} all")
        pages = -(-len(rows) // PER_PAGE)
        page = st.pagination(pages, key=f"{key} {len(rows)}") if pages > 1 else 1
    shown = rows.iloc[(page - 1) * PER_PAGE : page * PER_PAGE]
    with st.container(horizontal=True, gap="small"):
        for sample in shown.to_dict("records"):
            _sample(sample, root, side_px, all_classes, said)


def _sample(
    sample: dict[Hashable, Any], root: Path, side_px: int, all_classes: bool, said: str
) -> None:
    chances = {
        str(name)[2:]: chance for name, chance in sample.items() if str(name).startswith("p_")
    }
    truth = sample["subtype"] or cell_class(sample["true"]).name
    caption = sample.get("caption", "" if sample["correct"] else f"{said} {truth.lower()}")
    path = root / sample["path"]
    card = cells.Card(path, None, caption, chances or None, len(chances) if all_classes else 3)
    try:
        cells.draw_card(card, side_px)
    except (ImageRefusedError, OSError):
        with st.container(width=side_px):
            st.caption(f"{plain(path.name)} is no longer there.")
