"""Loss and accuracy by epoch, of one run or of several on one plot.

Validation is a full line, training a dotted one; each run has a colour of its own.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.training.runs import Run
from pages.components.shared.charts import ACCENT, NEUTRAL, figure

# Not the colours of cell classes, and apart for colour-blind readers by lightness too.
RUN_COLOURS = (ACCENT, "#2A7F9E", "#C77F14", "#5E8F3C", "#6B62B5", "#7B5B3A")
HEIGHT_PX = 260
FEW_EPOCHS = 8  # up to here each has its tick


def loss_curves(runs: Sequence[Run]) -> go.Figure:
    """Loss by epoch; for a single run also the loss within epochs, as it comes."""
    chart = _chart("Loss", runs)
    if len(runs) == 1:
        _add_within_epochs(chart, runs[0])
    for number, run in enumerate(runs):
        _add(chart, run, number, "loss", len(runs) == 1)
    return chart


def accuracy_curves(runs: Sequence[Run]) -> go.Figure:
    """Accuracy by epoch, with the best epoch of each run marked."""
    chart = _chart("Accuracy", runs)
    chart.update_yaxes(tickformat=".0%")
    if not any(run.metrics.epochs for run in runs):
        chart.update_yaxes(range=[0, 1])
    for number, run in enumerate(runs):
        _add(chart, run, number, "accuracy", len(runs) == 1)
        _mark_best(chart, run, number)
    return chart


def _chart(title: str, runs: Sequence[Run]) -> go.Figure:
    chart = figure(HEIGHT_PX, hovermode="x unified")
    longest = max((len(run.metrics.epochs) for run in runs), default=0)
    step = {"dtick": 1} if longest <= FEW_EPOCHS else {"nticks": 8}
    chart.update_xaxes(title="Epoch", rangemode="tozero", tickformat="d", **step)
    chart.update_yaxes(title=title)
    return chart


def _add(chart: go.Figure, run: Run, number: int, what: str, alone: bool) -> None:
    colour = RUN_COLOURS[number % len(RUN_COLOURS)]
    lines = (("train", "training", "dot"), ("validation", "validation", "solid"))
    for split, name, dash in lines:
        chart.add_scatter(
            x=[epoch.epoch for epoch in run.metrics.epochs],
            y=[getattr(epoch, f"{split}_{what}") for epoch in run.metrics.epochs],
            mode="lines+markers",
            marker={"size": 5},
            line={
                "dash": dash,
                "width": 2,
                "color": NEUTRAL if alone and split == "train" else colour,
            },
            name=name if alone else f"{run.id}, {name}",
            # Of several runs only the full line stands in the legend, which would not fit else.
            showlegend=alone or split == "validation",
            hovertemplate="%{y:.1%}" if what == "accuracy" else "%{y:.3f}",
        )


def _add_within_epochs(chart: go.Figure, run: Run) -> None:
    chart.add_scatter(
        x=list(run.metrics.losses),
        y=list(run.metrics.losses.values()),
        mode="lines",
        line={"width": 1, "color": NEUTRAL},
        opacity=0.45,
        name="training, by batch",
        hoverinfo="skip",
    )


def _mark_best(chart: go.Figure, run: Run, number: int) -> None:
    best = run.metrics.best
    if best is None:
        return
    chart.add_scatter(
        x=[best.epoch],
        y=[best.validation_accuracy],
        mode="markers+text",
        marker={
            "symbol": "star",
            "size": 13,
            "color": RUN_COLOURS[number % len(RUN_COLOURS)],
        },
        text=[f"best {best.validation_accuracy:.1%}"],
        textposition="bottom center",
        cliponaxis=False,  # else the axis cuts the words of a low one
        showlegend=False,
        hoverinfo="skip",
    )
