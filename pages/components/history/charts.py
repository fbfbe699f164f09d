"""The history's charts: over time, confidence, corrections."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.prediction import Status
from core.records.history.figures import ConfidenceCount, Correction, DayCount
from core.taxonomy import KEYS
from pages.components.shared import charts

FAINT = "rgba(184, 68, 127, 0)"  # the accent, gone: from black it would turn grey on the way
STATUS_COLOURS = {
    Status.CONFIDENT: charts.NEUTRAL,
    Status.REVIEW: charts.ACCENT,
    Status.REFERRED: charts.REFER,
    Status.REJECTED: charts.PALE,
}


def over_time(counts: Sequence[DayCount], as_shares: bool, height_px: int = 280) -> go.Figure:
    """Readings a day, stacked by class; as counts or as the day's class mix."""
    chart = charts.figure(height_px, barmode="stack", barnorm="fraction" if as_shares else None)
    for key in _in_order({count.label for count in counts}):
        own = [count for count in counts if count.label == key]
        chart.add_bar(
            x=[count.day for count in own],
            y=[count.readings for count in own],
            name=charts.class_name(key),
            marker={"color": charts.colour(key), "line": {"width": 0}},
            hovertemplate="%{x|%e %B %Y}: %{y:" + (".1%" if as_shares else ",") + "}",
        )
    chart.update_layout(legend={"orientation": "v", "x": 1.01, "y": 1, "yanchor": "top"})
    chart.update_xaxes(type="date", showgrid=False, tickformat="%e %b\n%Y")
    chart.update_yaxes(
        title="Share of the day's readings" if as_shares else "Readings a day",
        tickformat=".0%" if as_shares else ",",
        rangemode="tozero",
    )
    return chart


def confidence(counts: Sequence[ConfidenceCount], height_px: int = 340) -> go.Figure:
    """How sure the model was: readings by confidence, stacked by status."""
    chart = charts.figure(height_px, barmode="stack", bargap=0.08, showlegend=True)
    for status in Status:
        own = [count for count in counts if count.status == status]
        chart.add_bar(
            x=[(count.low + count.high) / 2 for count in own],
            y=[count.readings for count in own],
            customdata=[[count.low, count.high] for count in own],
            width=[count.high - count.low for count in own],
            name=status.shown,
            marker={"color": STATUS_COLOURS[status]},
            hovertemplate="%{customdata[0]:.0%} to %{customdata[1]:.0%}: %{y:,}",
        )
    chart.update_xaxes(title="Confidence", tickformat=".0%", range=[0, 1], showgrid=False)
    chart.update_yaxes(title="Readings", tickformat=",", rangemode="tozero")
    return chart


def corrections(counts: Sequence[Correction], height_px: int = 340) -> go.Figure:
    """Matrix of the model's class (rows) and the person's (columns); confirmed ones in grey."""
    keys = _in_order({c.label for c in counts} | {c.person_label for c in counts})
    cells = {(c.label, c.person_label): c.readings for c in counts}
    changed = [[cells.get((m, p), 0) if m != p else 0 for p in keys] for m in keys]
    chart = charts.figure(height_px)
    chart.add_heatmap(
        z=changed,
        x=[charts.class_name(key) for key in keys],
        y=[charts.class_name(key) for key in keys],
        text=[[f"{cells[m, p]:,}" if (m, p) in cells else "" for p in keys] for m in keys],
        texttemplate="%{text}",
        colorscale=[[0, FAINT], [1, charts.ACCENT]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="Model: %{y}<br>Person: %{x}<br>Readings: %{text}<extra></extra>",
    )
    chart.update_xaxes(title="Label", side="top", tickangle=-45, showgrid=False)
    chart.update_yaxes(title="Prediction", autorange="reversed", showgrid=False)
    return chart


def _in_order(labels: set[str]) -> list[str]:
    return [key for key in KEYS if key in labels] + sorted(labels - set(KEYS))
