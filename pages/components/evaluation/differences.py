"""How much better or worse one bundle is than another: words, a chart and a table by class."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core.evaluation.compare import Paired
from core.evaluation.metrics import Estimate
from pages.components.evaluation.risk import COLOURS
from pages.components.shared import charts

CHANCE = 0.05  # a p-value from here on could be chance
# A shape each, so that better and worse are told by more than their colour and their side.
LOOKS: dict[str, dict[str, Any]] = {
    "A is better": {"symbol": "triangle-left", "color": COLOURS[1], "size": 15},
    "B is better": {"symbol": "triangle-right", "color": COLOURS[0], "size": 15},
    "Could be chance": {
        "symbol": "circle-open",
        "color": charts.NEUTRAL,
        "size": 12,
        "line": {"width": 2.5},
    },
}


def in_words(paired: Paired) -> str:
    """E.g. "B is right on 12 more of 2,529 cells: +0.5 points (-0.1 to +1.1), p = 0.08: …"."""
    more = paired.gained - paired.lost
    who = f"B is right on {abs(more):,} {'more' if more > 0 else 'fewer'} of {paired.n:,} cells"
    p_value = paired.p_value
    written = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.{2 if p_value >= 0.1 else 3}f}"
    verdict = "hardly chance" if p_value < CHANCE else "could be chance"
    if not more:
        who = f"A and B are right equally often on {paired.n:,} cells"
        verdict = "no difference seen"
    return f"{who}: {points(paired.difference, ' points')}, {written}: {verdict}."


def points(difference: Estimate, unit: str = "") -> str:
    """A difference of shares in percentage points, e.g. "+0.5 (-0.1 to +1.1)"."""
    return f"{signed(difference.value)}{unit} ({limits(difference)})"


def limits(difference: Estimate) -> str:
    """The interval of a difference in percentage points, e.g. "-0.1 to +1.1"."""
    return f"{signed(difference.low)} to {signed(difference.high)}"


def signed(share: float) -> str:
    """A share in per cent with its sign, e.g. "+0.5"; "0.0" has none."""
    tenths = round(100 * share, 1)
    return f"{tenths:+.1f}" if tenths else "0.0"


def chart_of(by_class: Mapping[str, Paired], height_px: int = 320) -> go.Figure:
    """Recall of B minus recall of A by class with 95% intervals, and a line where both are alike.

    Where the interval reaches that line, the difference could be chance.
    """
    names = [charts.class_name(key) for key in by_class]
    chart = charts.figure(height_px, showlegend=True)
    for look, marker in LOOKS.items():
        rows = {key: row for key, row in by_class.items() if _look(row.difference) == look}
        if rows:
            _draw(chart, look, rows, marker)
    chart.add_vline(0, line={"color": charts.NEUTRAL, "width": 1.5})
    furthest = max(abs(x) for row in by_class.values() for x in _span(row.difference))
    chart.update_xaxes(
        title="◂ A is better     Recall of B minus recall of A, in points     B is better ▸",
        range=[-105 * furthest, 105 * furthest],
        tickformat="~f",
    )
    chart.update_yaxes(
        autorange="reversed", categoryorder="array", categoryarray=names, showgrid=False
    )
    return chart


def _look(difference: Estimate) -> str:
    if difference.low > 0:
        return "B is better"
    return "A is better" if difference.high < 0 else "Could be chance"


def _span(difference: Estimate) -> tuple[float, float]:
    return difference.low, difference.high


def _draw(
    chart: go.Figure, look: str, rows: Mapping[str, Paired], marker: Mapping[str, Any]
) -> None:
    found = [row.difference for row in rows.values()]
    chart.add_scatter(
        x=[100 * each.value for each in found],
        y=[charts.class_name(key) for key in rows],
        mode="markers",
        name=look,
        marker=marker,
        error_x={
            "array": [100 * (each.high - each.value) for each in found],
            "arrayminus": [100 * (each.value - each.low) for each in found],
            "thickness": 3,
            "width": 0,
        },
        customdata=[[points(row.difference), row.gained, row.lost] for row in rows.values()],
        hovertemplate="%{y}: %{customdata[0]} points<br>only B right %{customdata[1]:,}, "
        "only A right %{customdata[2]:,}<extra></extra>",
    )


def table_of(by_class: Mapping[str, Paired], overall: Paired) -> list[dict[str, Any]]:
    """A row a class, then one of all cells."""
    rows = [(charts.class_name(key), paired) for key, paired in by_class.items()]
    return [
        {
            "Class": name,
            "Cells": paired.n,
            "Recall of A": f"{paired.right_a:.1%}",
            "Recall of B": f"{paired.right_b:.1%}",
            "B minus A, points": points(paired.difference),
            "Only B right": paired.gained,
            "Only A right": paired.lost,
        }
        for name, paired in [*rows, ("All", overall)]
    ]
