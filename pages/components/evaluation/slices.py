"""Accuracy by how cells were photographed and by subtype; a slice opens its errors."""

from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.dataset.catalogue import Catalogue
from core.evaluation.results import EvaluationResult
from core.evaluation.slices import SLICED, measures, nucleus_shares, slice_table, with_slices
from pages.components.evaluation import matrix
from pages.components.shared import charts

NAMES = {
    "brightness": "Brightness",
    "sharpness": "Sharpness",
    "scale": "Scale",
    "subtype": "Subtype",
}
MEANINGS = {
    "brightness": "The mean of all pixels, from 0 (black) to 255 (white).",
    "sharpness": "How strongly neighbouring pixels differ: low where the cell is out of focus, "
    "high also where an image is grainy.",
    "scale": "The share of the image that the nucleus covers (of a platelet, its body).",
    "subtype": "The finer label that the data set's file names carry.",
}
UNITS = {"brightness": "{:.0f}", "sharpness": "{:.1f}", "scale": "{:.1%}"}
NO_SUBTYPES = "These images carry no subtypes. File names such as BNE_12.jpg give them."
CAVEAT = (
    "Lines are exact 95% intervals (Clopper-Pearson). Slices differ in their classes, too: a slice "
    "may be harder for what is in it, not for how it was photographed."
)
SECONDS_EACH = 0.002
CHART, SLICE = "slice_chart", "slice"


def slices(result: EvaluationResult, catalogue: Catalogue) -> None:
    """Draws the accuracy of each slice, and the errors of the chosen one."""
    with st.spinner(f"Measuring nuclei, about {1 + SECONDS_EACH * len(result):.0f} s"):
        samples = _sliced(result, catalogue)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        by = st.segmented_control(
            "Slices by",
            SLICED,
            default=SLICED[0],
            required=True,
            format_func=NAMES.__getitem__,
            key="slices_by",
            bind="query-params",
        )
        table = slice_table(samples, by)
        if table.empty:
            st.info(NO_SUBTYPES)
            return
        st.caption(MEANINGS[by])
        charts.draw(
            chart_of(table, by),
            key=CHART,
            on_select=_clicked,
            selection_mode="points",
            alt=f"Accuracy by {NAMES[by].lower()}, with 95% intervals.",
        )
        st.caption(CAVEAT)
    with right:
        _errors(samples, table, by, catalogue.root)


def _clicked() -> None:
    points = st.session_state[CHART].selection.points
    if points:
        st.session_state[SLICE] = points[0]["customdata"][0]


def _errors(samples: pd.DataFrame, table: pd.DataFrame, by: str, root: Path) -> None:
    names = table["slice"].tolist()
    if st.session_state.get(SLICE) not in names:
        st.session_state[SLICE] = names[int(table["accuracy"].argmin())]
    chosen = st.selectbox("Errors in", names, key=SLICE)
    rows = samples[(samples[by] == chosen) & ~samples["correct"]]
    rows = rows.sort_values(["confidence", "path"], ascending=[False, True])
    n = int(table.set_index("slice").loc[chosen, "n"])
    st.caption(f"{len(rows):,} errors among {n:,} images, the most confident first.")
    if rows.empty:
        st.info("No error here. Choose another slice.")
        return
    with st.container(height=430, border=False):
        matrix.samples(rows, root, key=f"slice {by} {chosen}")


def chart_of(table: pd.DataFrame, by: str) -> go.Figure:
    """A dot and its interval for each slice, in the order of the table."""
    chart = charts.figure(60 + 52 * len(table), showlegend=False)
    chart.add_scatter(
        x=table["accuracy"],
        y=[_label(row["slice"], row["least"], row["most"], by) for row in table.to_dict("records")],
        mode="markers",
        error_x={
            "array": table["high"] - table["accuracy"],
            "arrayminus": table["accuracy"] - table["low"],
            "thickness": 6,
            "width": 0,
        },
        marker={"color": charts.ACCENT, "size": 14},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        cliponaxis=False,
        customdata=table[["slice", "n", "errors", "low", "high"]].values.tolist(),
        hovertemplate="%{x:.1%} right (%{customdata[3]:.1%} to %{customdata[4]:.1%}): "
        "%{customdata[2]:,} errors in %{customdata[1]:,} images<extra></extra>",
    )
    floor = max(0.0, float(np.floor(20 * table["low"].min() - 0.2) / 20))
    chart.update_xaxes(
        title="Accuracy", range=[floor, 1 + (1 - floor) * 0.05], tickformat=".0%", side="bottom"
    )
    chart.update_yaxes(autorange="reversed", showgrid=False)
    return chart


def _label(name: str, least: float, most: float, by: str) -> str:
    if np.isnan(least):
        return name
    return f"{name}<br>{UNITS[by].format(least)} to {UNITS[by].format(most)}"


@st.cache_data(
    max_entries=16,
    show_spinner=False,
    hash_funcs={
        EvaluationResult: lambda r: (r.bundle, r.mark, r.split, r.data_fingerprint),
        Catalogue: lambda catalogue: catalogue.fingerprint,
    },
)
def _sliced(result: EvaluationResult, catalogue: Catalogue) -> pd.DataFrame:
    shares = nucleus_shares(catalogue.root, result)
    return with_slices(result, measures(result, catalogue.images, shares))
