"""How error falls as the unsure answers are held back: risk-coverage curves."""

import html

import plotly.graph_objects as go
import streamlit as st

from core.evaluation.results import EvaluationResult
from core.evaluation.risk import Kept, kept_at, risk_curve
from core.vision.bundle import Bundle
from pages.components.evaluation import laboratory_runs
from pages.components.evaluation.saved import Evaluated
from pages.components.shared import charts

FEWEST = 20  # with fewer answers kept, one wrong one more would make the line jump
# Searched for: with HOME the smallest CIE 1976 difference is 31, also as seen with a missing cone
# (Machado et al. 2009), and contrast is at least 3:1 on both grounds. Four colours and five dashes
# make twenty looks.
HOME = "#C70B4A"
COLOURS = ("#7335FE", "#B46801", "#5698A7", "#B76FE9")
DASHES = ("dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("square", "diamond", "triangle-up", "cross", "star", "triangle-down", "pentagon")

Line = tuple[str, EvaluationResult]


def risk(bundle: Bundle, split: str, home: Evaluated | None) -> None:
    """Draws the curve of the chosen split and one of each laboratory that was evaluated."""
    others = [s for s in laboratory_runs.standings(bundle) if s.evaluated is not None]
    lines: list[Line] = [] if home is None else [(f"Home, {split} split", home[0])]
    lines += [(s.laboratory.name, s.evaluated[0]) for s in others if s.evaluated is not None]
    if not lines:
        st.info("Nothing to draw yet: evaluate this split above, or a laboratory in its tab.")
        return
    threshold = bundle.card.review_below
    left, right = st.columns([3, 2], gap="medium")
    with left:
        charts.draw(curves(lines, threshold), key="risk")
    with right:
        _in_words(threshold)
    st.dataframe([_row(name, kept_at(result, threshold), result) for name, result in lines])


def curves(lines: list[Line], threshold: float, height_px: int = 400) -> go.Figure:
    """A line each, the first one solid, a mark on each where the threshold stands."""
    chart = charts.figure(height_px)
    for number, (name, result) in enumerate(lines):
        look = _look(number)
        rows = risk_curve(result)
        rows = rows[rows["kept"] >= min(FEWEST, len(result))]
        chart.add_scatter(
            x=rows["coverage"],
            y=rows["risk"],
            mode="lines",
            line=look["line"],
            showlegend=False,
            customdata=rows[["threshold", "wrong", "kept"]],
            hovertemplate="%{x:.1%} kept, those at least %{customdata[0]:.1%} sure<br>"
            "%{y:.1%} of them wrong: %{customdata[1]:,} of %{customdata[2]:,}"
            f"<extra>{html.escape(name)}</extra>",
        )
        _mark(chart, html.escape(name), kept_at(result, threshold), look)
    chart.update_xaxes(title="Coverage: answers kept, % of all", range=[0, 1.02], tickformat=".0%")
    chart.update_yaxes(
        title="Risk: wrong answers, % of those kept", rangemode="tozero", tickformat=".1%"
    )
    return chart


def _look(number: int) -> dict[str, dict[str, object]]:
    symbol = SYMBOLS[(number - 1) % len(SYMBOLS)] if number else "circle"
    colour = COLOURS[(number - 1) % len(COLOURS)] if number else HOME
    dash = DASHES[(number - 1) % len(DASHES)] if number else "solid"
    return {
        "line": {"color": colour, "dash": dash, "width": 2 if number else 3},
        "marker": {"color": colour, "symbol": symbol, "size": 12},
    }


def _mark(chart: go.Figure, name: str, kept: Kept, look: dict[str, dict[str, object]]) -> None:
    """The mark at the threshold, and the legend's entry: line and mark together."""
    chart.add_scatter(x=[None], y=[None], mode="lines+markers", name=name, **look)
    chart.add_scatter(
        x=[kept.coverage],
        y=[kept.risk],
        mode="markers",
        marker=look["marker"],
        showlegend=False,
        cliponaxis=False,
        hovertemplate="At the bundle's threshold: %{x:.1%} kept, %{y:.1%} of them wrong"
        f"<extra>{name}</extra>",
    )


def _in_words(threshold: float) -> None:
    st.metric("The bundle's threshold", f"{threshold:.1%}")
    st.write(
        "Answers are sorted by confidence. From right to left the least sure ones are held back "
        "for a person, and the line tells how many of the others are wrong. The mark on a line is "
        "where this bundle's threshold stands on those images."
    )
    st.write(
        "A line that falls to the left means that the bundle knows where it is unsure. One that "
        "stays up means that holding back does not help: the wrong answers are as sure as the "
        "right ones."
    )
    st.caption(
        f"Drawn from {FEWEST} kept answers on. Source: Geifman and El-Yaniv 2017, Selective "
        "Classification for Deep Neural Networks."
    )


def _row(name: str, kept: Kept, result: EvaluationResult) -> dict[str, object]:
    every = kept_at(result, 0.0)
    return {
        "Images": name,
        "Answers": kept.n,
        "Kept at the threshold": f"{kept.coverage:.1%} ({kept.kept:,})",
        "Wrong among the kept": wrong_among(kept.wrong, kept.kept),
        "Wrong if all are kept": wrong_among(every.wrong, every.kept),
    }


def wrong_among(wrong: int, kept: int) -> str:
    """E.g. "1.2% (3 of 250)"; a dash where nothing is kept."""
    return f"{wrong / kept:.1%} ({wrong:,} of {kept:,})" if kept else "–"
