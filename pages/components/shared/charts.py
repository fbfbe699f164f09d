"""The project's charts: one look, see-through ground, readable on light and dark.

charts.draw(charts.probability_bars(prediction.probabilities), key="chosen cell")
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from core.taxonomy import CLASSES, is_kind, kind

NEUTRAL = "#8A7F88"  # readable on both grounds: for marks that stand for no class
PALE = "#C3BBC1"
ACCENT = "#B8447F"
REFER = "#D92D20"  # a suspected blast
RING = "#D6293B"  # around what is wrong, on both grounds
GRID = "rgba(138, 127, 136, 0.22)"
RIGHT_PX = 20
CLEAR = "rgba(0, 0, 0, 0)"

TEMPLATE = go.layout.Template(
    layout={
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "colorway": [c.colour for c in CLASSES],
        "font": {"size": 13},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {"gridcolor": GRID, "zeroline": False, "automargin": True, "fixedrange": True},
        "yaxis": {"gridcolor": GRID, "zeroline": False, "automargin": True, "fixedrange": True},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0.0, "title": ""},
        "hoverlabel": {"font": {"size": 13}},
        "bargap": 0.3,
    }
)
pio.templates["blood_cells"] = TEMPLATE


def figure(height_px: int = 320, **layout: Any) -> go.Figure:
    """An empty figure with the project's look; ``layout`` goes to ``update_layout``."""
    # Half of "100%" lies right of the axis: without room the label would be left out.
    own = {"template": TEMPLATE, "height": height_px, "margin_r": RIGHT_PX}
    return go.Figure(layout={**own, **layout})


def draw(chart: go.Figure, *, key: str, **options: Any) -> Any:
    """Puts a figure on the page over the whole width; gives what ``st.plotly_chart`` gives."""
    look = {"displayModeBar": False}
    return st.plotly_chart(
        chart, theme="streamlit", config=look, key=key, width="stretch", **options
    )


def colour(key: str) -> str:
    """The colour of a class; of anything that is no class, a neutral grey."""
    return kind(key).colour if is_kind(key) else NEUTRAL


def class_name(key: str) -> str:
    """A class as readers see it in charts and menus, e.g. "● Neutrophil"."""
    return f"{kind(key).glyph} {kind(key).name}" if is_kind(key) else key


def probability_bars(probabilities: Mapping[str, float], height_px: int | None = None) -> go.Figure:
    """One bar a class, in the order given from the top, with the per cent written beside it."""
    keys = list(probabilities)
    shares = [probabilities[key] for key in keys]
    chart = figure(height_px or 28 * len(keys) + 20)
    chart.add_bar(
        x=shares,
        y=[class_name(key) for key in keys],
        orientation="h",
        marker={"color": [colour(key) for key in keys], "cornerradius": 3},
        text=[f"{share:.1%}" for share in shares],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.2%}<extra></extra>",
    )
    chart.update_layout(margin_r=52)  # room for the per cent, however narrow the chart is
    chart.update_xaxes(range=[0, 1], showticklabels=False, showgrid=False)
    chart.update_yaxes(autorange="reversed", showgrid=False)
    return chart
