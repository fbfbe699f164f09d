"""Whether prediction sets hold the right class as often as they promise."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.coverage import PROMISED, coverage_table
from core.evaluation.results import EvaluationResult
from core.vision.card.contents import Card
from pages.components.shared import charts

IN_WORDS = (
    f"A prediction set names the classes that the cell may well be. Of each class, "
    f"{PROMISED:.0%} of the cells should have it in their set: limits are found on validation "
    "images, class by class."
)
HOW_TO_READ = (
    "Left of the dotted line a class is missed more often than promised; where its line still "
    "reaches the dotted one, chance alone may be why. A set of several classes says what to look "
    "for, an empty one that the cell looks like none of them."
)
SOURCE = (
    "Lines are exact 95% intervals. Source: Sadinle, Lei and Wasserman 2019, Least ambiguous "
    "set-valued classifiers with bounded error levels."
)


def prediction_sets(result: EvaluationResult, card: Card) -> None:
    """Draws each class's coverage against what is promised, and how large the sets are."""
    if not card.set_limits:
        st.info("This model gives no prediction sets: it was made before there were any.")
        return
    rows = coverage_table(result, card.set_limits)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        charts.draw(chart_of(rows[rows["true"] != ""]), key="coverage")
    with right:
        st.metric("Coverage, all images", f"{rows.iloc[-1]['covered']:.1%}")
        st.write(IN_WORDS)
        st.write(HOW_TO_READ)
        st.caption(SOURCE)
    st.dataframe([_row(row) for row in rows.to_dict("records")])


def chart_of(rows: pd.DataFrame, height_px: int = 320) -> go.Figure:
    """Coverage of each class with its interval, and a line where it should be."""
    chart = charts.figure(height_px, showlegend=False)
    for row in rows.to_dict("records"):
        chart.add_scatter(
            x=[row["covered"]],
            y=[charts.class_name(row["true"])],
            error_x={
                "array": [row["high"] - row["covered"]],
                "arrayminus": [row["covered"] - row["low"]],
                "thickness": 6,
                "width": 0,
            },
            marker={"color": charts.colour(row["true"]), "size": 13},
            cliponaxis=False,
            hovertemplate=f"%{{y}}: {_share(row)} of {row['n']:,}<extra></extra>",
        )
    chart.add_vline(PROMISED, line={"dash": "dot", "color": charts.NEUTRAL})
    chart.update_xaxes(
        title="Cells whose set holds their class", tickformat=".0%", range=[_floor(rows), 1.005]
    )
    chart.update_yaxes(autorange="reversed", showgrid=False)
    return chart


def _floor(rows: pd.DataFrame) -> float:
    return max(0.0, min(float(rows["low"].min()), PROMISED) - 0.01)


def _share(row: Mapping[Hashable, Any]) -> str:
    return f"{row['covered']:.1%} ({row['low']:.1%} to {row['high']:.1%})"


def _row(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "Class": charts.class_name(row["true"]) if row["true"] else "All",
        "Images": row["n"],
        "Covered": _share(row),
        "One class": f"{row['single']:.1%}",
        "Several classes": f"{row['several']:.1%}",
        "None": f"{row['empty']:.1%}",
    }
