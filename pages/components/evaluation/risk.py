"""Share and error of the predictions that are reported automatically: nobody looks at them."""

import html

import plotly.graph_objects as go
import streamlit as st

from core.evaluation.acceptance import Acceptance, Share, acceptance
from core.evaluation.results import EvaluationResult
from core.evaluation.risk import risk_curve
from core.vision.bundle import Bundle
from pages.components.evaluation import laboratory_runs
from pages.components.evaluation.saved import Evaluated
from pages.components.shared import charts

FEWEST = 20  # with fewer predictions kept, one wrong one more would make the line jump
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
    lines: list[Line] = [] if home is None else [(f"Source laboratory, {split} split", home[0])]
    lines += [(s.laboratory.name, s.evaluated[0]) for s in others if s.evaluated is not None]
    if not lines:
        st.info("Nothing to draw yet: evaluate this split above, or a laboratory in its tab.")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        charts.draw(curves(lines), key="risk")
    with right:
        _in_words()
    st.dataframe([_row(name, result) for name, result in lines])


def curves(lines: list[Line], height_px: int = 400) -> go.Figure:
    """A line each, the first one solid, a mark on each where the shipped rule stands."""
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
            hovertemplate="%{x:.1%} reported, from a confidence of %{customdata[0]:.1%}<br>"
            "%{y:.1%} of them wrong: %{customdata[1]:,} of %{customdata[2]:,}"
            f"<extra>{html.escape(name)}</extra>",
        )
        _mark(chart, html.escape(name), acceptance(result), look)
    chart.update_xaxes(
        title="Reported automatically, % of all predictions", range=[0, 1.02], tickformat=".0%"
    )
    chart.update_yaxes(title="Wrong, % of those reported", rangemode="tozero", tickformat=".1%")
    return chart


def _look(number: int) -> dict[str, dict[str, object]]:
    symbol = SYMBOLS[(number - 1) % len(SYMBOLS)] if number else "circle"
    colour = COLOURS[(number - 1) % len(COLOURS)] if number else HOME
    dash = DASHES[(number - 1) % len(DASHES)] if number else "solid"
    return {
        "line": {"color": colour, "dash": dash, "width": 2 if number else 3},
        "marker": {"color": colour, "symbol": symbol, "size": 12},
    }


def _mark(
    chart: go.Figure, name: str, rule: Acceptance, look: dict[str, dict[str, object]]
) -> None:
    """The mark of the shipped rule, and the legend's entry: line and mark together."""
    chart.add_scatter(x=[None], y=[None], mode="lines+markers", name=name, **look)
    chart.add_scatter(
        x=[rule.coverage.value],
        y=[rule.error.value],
        mode="markers",
        marker=look["marker"],
        showlegend=False,
        cliponaxis=False,
        hovertemplate="The rule as it ships: %{x:.1%} reported, %{y:.1%} of them wrong"
        f"<extra>{name}</extra>",
    )


def _in_words() -> None:
    st.write(
        "**A mark** is the decision rule as it ships: what it reports automatically, and how "
        "much of that is wrong. It weighs more than confidence: prediction set, morphology, "
        "rare classes, and what may be none of the classes."
    )
    st.write(
        "**A line** reports by confidence alone, from the highest on the left to all on the right. "
        "Where it falls to the left, the model is less confident where it errs. Where it stays "
        "up, wrong predictions are as confident as right ones. A mark under its line shows what "
        "the rule adds."
    )
    st.caption(
        f"Drawn from {FEWEST} reported predictions on. Source: Geifman and El-Yaniv 2017, "
        "Selective Classification for Deep Neural Networks."
    )


def _row(name: str, result: EvaluationResult) -> dict[str, object]:
    rule = acceptance(result)
    every = Share(int((result.predicted != result.truth).sum()), len(result))
    return {"Images": name, **in_words(rule), "Wrong if all are reported": share_in_words(every)}


def in_words(rule: Acceptance) -> dict[str, str]:
    """The rule's figures by the name of their column."""
    return {
        "Reported automatically": share_in_words(rule.coverage),
        "Wrong among those": share_in_words(rule.error),
        "Blasts and abnormal cells referred": share_in_words(rule.blasts),
    }


def share_in_words(share: Share) -> str:
    """E.g. "1.2% (3 of 250; 0.2 to 3.5)" with 95% limits; a dash of none."""
    if not share.of:
        return "–"
    low, high = share.limits
    return (
        f"{share.value:.1%} ({share.count:,} of {share.of:,}; {100 * low:.1f} to {100 * high:.1f})"
    )
