"""The evaluation's charts: confusion matrix, figures by class, reliability."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.evaluation.metrics import Estimate
from core.taxonomy import is_kind, kind
from pages.components.shared import charts

FAINT = "rgba(184, 68, 127, 0)"  # the accent, gone: from black it would turn grey on the way
STRONG = 0.55  # from this tint on, white writing reads better
SYMBOLS = {"precision": "diamond", "recall": "circle", "f1": "square"}


def confusion_matrix(
    counts: np.ndarray,
    classes: Sequence[str],
    per_cent: bool,
    chosen: tuple[str | None, str | None] = (None, None),
    height_px: int = 470,
) -> go.Figure:
    """Counts (K, K) as a matrix whose cells can be clicked, the chosen cell framed.

    Clicks on a heatmap are never reported; an unseen square over each cell reports them, with
    the true and the predicted class as ``customdata``.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [charts.class_name(key) for key in classes]
    chart = charts.figure(height_px, showlegend=False)
    chart.add_heatmap(
        z=np.sqrt(shares),  # so that one per cent of a row can still be seen
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale=[[0, FAINT], [1, charts.ACCENT]],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    _write(chart, counts, shares, names, per_cent)
    _listen(chart, counts, shares, classes, names)
    _frame(chart, classes, chosen)
    ticks = {"tickmode": "array", "tickvals": names, "showgrid": False, "ticks": ""}
    # Turned with its name, one class's symbol would be another's.
    across = [kind(key).name if is_kind(key) else key for key in classes]
    down = [_mark(key) for key in classes]
    chart.update_xaxes(side="top", tickangle=-60, ticktext=across, **ticks)
    chart.update_yaxes(autorange="reversed", ticktext=down, **ticks)
    return chart


def _mark(key: str) -> str:
    """A class's glyph in its colour, then its name, a line for each word."""
    glyph, *words = charts.class_name(key).split(" ")
    return f'<span style="color:{charts.colour(key)}">{glyph}</span> {"<br>".join(words)}'


def _write(
    chart: go.Figure, counts: np.ndarray, shares: np.ndarray, names: list[str], per_cent: bool
) -> None:
    """The numbers: white on strong cells, in the theme's own colour on faint ones."""
    written = np.vectorize("{:.1f}".format)(100 * shares) if per_cent else counts.astype(str)
    strong = np.sqrt(shares) > STRONG
    for where, font in ((strong, {"color": "white"}), (~strong & (counts > 0), {})):
        rows, columns = np.nonzero(where)
        chart.add_scatter(
            x=[names[column] for column in columns],
            y=[names[row] for row in rows],
            text=written[where].tolist(),
            mode="text",
            textfont=font,
            hoverinfo="skip",
        )


def _listen(
    chart: go.Figure,
    counts: np.ndarray,
    shares: np.ndarray,
    classes: Sequence[str],
    names: list[str],
) -> None:
    rows, columns = np.indices(counts.shape).reshape(2, -1)
    chart.add_scatter(
        x=[names[column] for column in columns],
        y=[names[row] for row in rows],
        mode="markers",
        marker={"symbol": "square", "size": 34, "opacity": 0.001, "color": charts.NEUTRAL},
        selected={"marker": {"opacity": 0.001}},
        unselected={"marker": {"opacity": 0.001}},
        customdata=[
            [classes[row], classes[column], int(counts[row, column]), float(shares[row, column])]
            for row, column in zip(rows, columns, strict=True)
        ],
        hovertemplate="True: %{y}<br>Predicted: %{x}<br>%{customdata[2]:,} images, "
        "%{customdata[3]:.1%} of the row<extra></extra>",
    )


def _frame(chart: go.Figure, classes: Sequence[str], chosen: tuple[str | None, str | None]) -> None:
    if chosen == (None, None):
        return
    true, predicted = chosen
    size = len(classes)
    top, bottom = _span(classes, true, size)
    left, right = _span(classes, predicted, size)
    chart.add_shape(
        type="rect",
        x0=left,
        x1=right,
        y0=top,
        y1=bottom,
        line={"color": charts.NEUTRAL, "width": 2.5},
    )


def _span(classes: Sequence[str], key: str | None, size: int) -> tuple[float, float]:
    at = classes.index(key) if key in classes else None
    return (-0.5, size - 0.5) if at is None else (at - 0.5, at + 0.5)


def by_class(figures: Mapping[str, Estimate], name: str, height_px: int = 300) -> go.Figure:
    """One figure of each class with its 95% interval; the axis starts below the lowest."""
    shown = {key: figure for key, figure in figures.items() if not np.isnan(figure.value)}
    chart = charts.figure(height_px, showlegend=False)
    for key, figure in shown.items():
        chart.add_scatter(
            x=[figure.value],
            y=[charts.class_name(key)],
            error_x={
                "array": [figure.high - figure.value],
                "arrayminus": [figure.value - figure.low],
                "thickness": 6,
                "width": 0,
            },
            marker={"color": charts.colour(key), "symbol": SYMBOLS[name], "size": 13},
            cliponaxis=False,
            customdata=[[figure.low, figure.high]],
            hovertemplate="%{y}: %{x:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})"
            "<extra></extra>",
        )
    lowest = min((figure.low for figure in shown.values()), default=0.0)
    floor = max(0.0, np.floor(20 * lowest - 0.2) / 20)
    chart.update_xaxes(range=[floor, 1 + (1 - floor) * 0.05], tickformat=".0%")
    chart.update_yaxes(autorange="reversed", showgrid=False)
    return chart


def reliability(rows: pd.DataFrame, height_px: int = 360) -> go.Figure:
    """Accuracy against confidence with exact 95% intervals; on the line is calibrated."""
    chart = charts.figure(height_px, showlegend=False)
    chart.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"dash": "dot", "color": charts.NEUTRAL},
        hoverinfo="skip",
    )
    chart.add_scatter(
        x=rows["confidence"],
        y=rows["accuracy"],
        mode="markers",
        error_y={
            "array": rows["high"] - rows["accuracy"],
            "arrayminus": rows["accuracy"] - rows["low"],
            "thickness": 2,
            "width": 0,
        },
        marker={"color": charts.ACCENT, "size": 6 + 4 * np.log10(rows["n"])},
        customdata=rows["n"],
        hovertemplate="Confidence %{x:.1%}, right %{y:.1%}, %{customdata:,} images<extra></extra>",
    )
    chart.update_xaxes(title="Confidence", range=[0, 1.02], tickformat=".0%")
    chart.update_yaxes(title="Share that is right", range=[0, 1.05], tickformat=".0%")
    return chart
