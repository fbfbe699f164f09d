"""A map of the cells as the network sees them; a click on a dot opens its cell."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.errors import ImageRefusedError
from core.evaluation import cell_map as core_map
from core.evaluation.results import EvaluationResult
from core.settings import settings
from core.taxonomy import cell_class
from pages.components.shared import cells, charts
from pages.components.shell import guard

NOTHING = (
    f"There is no map of these cells. It takes {core_map.FEWEST} cells at least and a model that "
    "keeps what it saw on the way to its predictions: models made before there were maps do not."
)
CLICK = "Click a dot to see its cell. Drag a frame to look closer, double-click to see all again."
EXPLAINED = """
Each dot is a cell. The network describes every cell by a long row of numbers, from which its
prediction follows; cells whose numbers are alike lie near each other. A ring marks a wrong
prediction. A dot amid cells of another class may be an unusual cell, or have a wrong label.

Only nearness is told: how far groups lie from each other, how large they are and where they lie
means nothing. The axes have no unit.

Source: van der Maaten and Hinton 2008, Visualizing Data using t-SNE.
"""
HEIGHT_PX, IMAGE_PX = 560, 300
SECONDS_EACH = 0.008


def cell_map(result: EvaluationResult, root: Path) -> None:
    """Draws the map, computed when it is first asked for, and the chosen cell beside it."""
    if not core_map.can_be_mapped(result):
        st.info(NOTHING)
        return
    drawn = min(len(result), core_map.MOST)
    with st.spinner(f"Laying out {drawn:,} cells, about {5 + SECONDS_EACH * drawn:.0f} s"):
        chart = _chart(result)
    _draw(chart, result, root)


@st.cache_data(
    max_entries=16,
    show_spinner=False,
    hash_funcs={EvaluationResult: lambda r: (r.bundle, r.mark, r.split, r.data_fingerprint)},
)
def _chart(result: EvaluationResult) -> go.Figure:
    """Kept, as another figure would drop what was chosen on it."""
    rows, places = core_map.cell_map(result, settings().evaluations_dir)
    samples = result.samples().iloc[rows].assign(row=rows, x=places[:, 0], y=places[:, 1])
    chart = charts.figure(HEIGHT_PX, dragmode="zoom")
    for key, group in samples.groupby("true"):
        known = cell_class(str(key))
        look = {"symbol": known.symbol, "color": known.colour, "size": 7}
        _add(chart, group, known.name, look)  # the mark is the glyph
    wrong = samples[~samples["correct"]]
    _add(
        chart,
        wrong,
        "Wrong prediction",
        {"symbol": "circle-open", "color": charts.RING, "size": 13},
    )
    bare = {"visible": False, "fixedrange": False}
    chart.update_xaxes(**bare)
    chart.update_yaxes(**bare)
    return chart


def _add(chart: go.Figure, samples: Any, name: str, look: Mapping[str, Any]) -> None:
    cells_said = zip(samples["row"], samples["true"], samples["predicted"], strict=True)
    chart.add_trace(
        go.Scattergl(
            x=samples["x"].tolist(),
            y=samples["y"].tolist(),
            mode="markers",
            name=name,
            marker=dict(look),
            selected={"marker": {"size": 15}},
            unselected={"marker": {"opacity": 0.3}},
            customdata=[
                [int(row), charts.class_name(true), charts.class_name(said)]
                for row, true, said in cells_said
            ],
            hovertemplate="True: %{customdata[1]}<br>Prediction: %{customdata[2]}<extra></extra>",
        )
    )


@st.fragment
def _draw(chart: go.Figure, result: EvaluationResult, root: Path) -> None:
    """What a click changes, so that it need not draw the whole page again."""
    guard.require()
    left, right = st.columns([7, 3], gap="medium")
    with left:
        event = charts.draw(
            chart,
            key=f"map {result.bundle} {result.split}",
            on_select="rerun",
            selection_mode="points",
            alt="Map of the cells by likeness; shape and colour tell the true class.",
        )
    points = event.selection.points
    with right:
        if points:
            sample = result.samples().iloc[int(points[0]["customdata"][0])]
            _cell(sample.to_dict(), root)
        else:
            _how_to_read(result)


def _how_to_read(result: EvaluationResult) -> None:
    st.write(CLICK)
    st.markdown(EXPLAINED)
    if len(result) > core_map.MOST:
        st.caption(f"{core_map.MOST:,} of {len(result):,} cells are shown, drawn at random.")


def _cell(sample: Mapping[Hashable, Any], root: Path) -> None:
    path = root / sample["path"]
    try:
        st.image(cells.thumbnail(path, 2 * IMAGE_PX), width=IMAGE_PX, alt=path.name)
    except (ImageRefusedError, OSError):
        st.info("This image is no longer there. Press “Look for changes” on the Data set page.")
    finer = f" ({sample['subtype'].lower()})" if sample["subtype"] else ""
    with st.container(horizontal=True, gap="large"):
        for title, key in ((f"True{finer}", "true"), ("Prediction", "predicted")):
            with st.container(gap="xxsmall", width="content"):
                st.caption(title)
                cells.class_badge(sample[key])
    chances = {str(name)[2:]: share for name, share in sample.items() if str(name)[:2] == "p_"}
    likeliest = sorted(chances, key=lambda name: -chances[name])[:3]
    bars = charts.probability_bars({name: chances[name] for name in likeliest})
    charts.draw(bars, key="map_probabilities")
    st.text(sample["path"])
