"""Errors by what their cells look like; a row opens their images."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.attribute_errors import (
    attribute_errors,
    attribute_values,
    cells_in_words,
    errors_with,
)
from core.evaluation.results import EvaluationResult
from core.morphology import attribute
from pages.components.evaluation import matrix

NONE = (
    "No error among the cells whose attributes are known, so there is nothing to group. All other "
    "errors are under “All errors”."
)
SHOWN_ROWS = 6
EXPLAINED = """
What a cell looks like is what people said of it; where nobody did, what the model is sure of, in
cells of the classes that it has learnt attributes from. Cells of which neither is known count
nowhere in a row.

A look comes first if many more errors have it than would if errors had it as often as the right
predictions of their class. *Enrichment* is the share of errors among the cells that look so,
divided by the share among all cells of the class. The interval is an exact 95% one
(Clopper-Pearson). With so many looks some stand out by chance: take them as where to look, not as
findings.
"""


def errors(result: EvaluationResult, annotated: pd.DataFrame, root: Path) -> None:
    """Draws the looks of errors, and the errors that look like the chosen one."""
    st.subheader("Errors by morphology")
    values = attribute_values(result, annotated)
    table = attribute_errors(result, values)
    if table.empty:
        st.info(NONE)
        return
    row = _chosen(table, result)
    st.markdown(f"**{_in_words(row)}**, the most confident first")
    chosen = errors_with(result, values, row)
    matrix.samples(chosen, root, key=f"look {_in_words(row)}", side_px=112)


def _chosen(table: pd.DataFrame, result: EvaluationResult) -> dict[Hashable, Any]:
    classes = tuple(key for key in result.classes if key in set(table["true"]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=260):
            true = matrix.class_menu("True class", "look_class", classes)
        with st.popover("How to read this", type="tertiary"):
            st.markdown(EXPLAINED)
    rows = table[(table["true"] == true) | (true is None)].to_dict("records")
    shown = st.dataframe(
        pd.DataFrame([_row(row) for row in rows]),
        key=f"looks {result.bundle} {result.split} {true}",
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=35 * (min(len(rows), SHOWN_ROWS) + 1) + 3,
        column_config={"Cells": st.column_config.TextColumn(width=265)},
    )
    at = shown.selection.rows
    st.caption("Choose a row to see its errors as images; else those of the first are shown.")
    return rows[at[0] if at else 0]


def _row(row: Mapping[Hashable, Any]) -> dict[str, object]:
    return {
        "Cells": cells_in_words(row["true"], row["attribute"], row["value"]),
        "Errors": f"{row['errors']} of {row['class_errors']}",
        "All cells": f"{row['cells']:,} of {row['class_cells']:,}",
        "Error rate": f"{row['error_rate']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
        "Enrichment": f"{row['lift']:.1f}",
        "Attribute": attribute(row["attribute"]).name,
    }


def _in_words(row: Mapping[Hashable, Any]) -> str:
    cells = cells_in_words(row["true"], row["attribute"], row["value"])
    return f"{cells}: {row['errors']} of {row['class_errors']} errors"
