"""Figures about a data set: how many of what, how bright, in which colours."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.dataset.splits import SPLITS
from core.taxonomy import KEYS, cell_class
from pages.components.shared import charts

_ROW_PX = 38
_SHADES = (1.0, 0.7, 0.45, 0.25)  # a class's subtypes, told apart by strength and by name
_CHANNELS = {
    "mean_r": ("Red", "#C03A2B"),
    "mean_g": ("Green", "#2E8B57"),
    "mean_b": ("Blue", "#3566B8"),
}


def distribution(images: pd.DataFrame) -> go.Figure:
    """Images of each class as bars, subtypes stacked, most frequent class on top."""
    counts = images["label"].value_counts()
    chart = charts.figure(_ROW_PX * len(counts) + 20, barmode="stack", showlegend=False)
    for label in counts.index:
        of_class = images.loc[images["label"] == label, "subtype"].fillna("")
        for shade, (subtype, count) in enumerate(of_class.value_counts().items()):
            _bar(chart, label, str(subtype), int(count), _SHADES[shade % len(_SHADES)])
    _totals(chart, counts)
    chart.update_layout(uniformtext={"mode": "hide", "minsize": 11})  # no text where none fits
    chart.update_yaxes(categoryarray=[charts.class_name(key) for key in counts.index[::-1]])
    return chart


def by_split(images: pd.DataFrame, splits: pd.Series) -> go.Figure:
    """Images of each class as bars, stacked by split."""
    counts = images["label"].value_counts()
    table = pd.crosstab(images["label"], images["path"].map(splits)).reindex(counts.index)
    chart = charts.figure(_ROW_PX * len(counts) + 50, barmode="stack")
    for name, strength in zip(SPLITS, (1.0, 0.35, 0.65), strict=True):
        chart.add_bar(
            x=table[name],
            y=[charts.class_name(key) for key in table.index],
            orientation="h",
            name=name.capitalize(),
            marker={"color": _tint(charts.ACCENT, strength)},
            text=[f"{count:,}" for count in table[name]],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate="%{y}, " + name + ": %{x:,}<extra></extra>",
        )
    _totals(chart, counts)
    chart.update_layout(legend_traceorder="normal")
    chart.update_yaxes(categoryarray=[charts.class_name(key) for key in counts.index[::-1]])
    return chart


def class_histograms(images: pd.DataFrame, columns: tuple[str, ...], unit: str) -> go.Figure:
    """One small histogram a class, all on the same axes; one line a column of ``images``."""
    keys = [key for key in KEYS if (images["label"] == key).any()]
    low, high = images[list(columns)].min().min(), images[list(columns)].max().max()
    edges = np.linspace(low, high + 1e-9, 41)
    chart = charts.figure(360, margin={"t": 60}, legend={"y": 1.12})
    chart.set_subplots(
        rows=2,
        cols=4,
        shared_xaxes="all",
        shared_yaxes="all",
        vertical_spacing=0.2,
        subplot_titles=[cell_class(key).name for key in keys],
    )
    for place, key in enumerate(keys):
        of_class = images[images["label"] == key]
        for column in columns:
            shares = np.histogram(of_class[column], edges)[0] / len(of_class)
            name, colour = _CHANNELS.get(column, ("", charts.colour(key)))
            line = {"color": colour, "width": 1.5, "shape": "hv"}
            chart.add_scatter(
                x=edges[:-1],
                y=shares,
                mode="lines",
                line=line,
                name=name,
                fill="tozeroy",
                legendgroup=column,
                showlegend=place == 0 and len(columns) > 1,
                hovertemplate=f"%{{x:.0f}} {unit}: %{{y:.1%}}<extra></extra>",
                row=place // 4 + 1,
                col=place % 4 + 1,
            )
    chart.update_yaxes(showticklabels=False)
    chart.update_annotations(font_size=12)
    return chart


def pixel_histogram(rgb: np.ndarray) -> go.Figure:
    """How often each value occurs in the three channels of one image, (H, W, 3) uint8."""
    chart = charts.figure(220)
    for channel, (name, colour) in enumerate(_CHANNELS.values()):
        counts = np.bincount(rgb[..., channel].ravel(), minlength=256)
        chart.add_scatter(
            x=np.arange(256),
            y=counts,
            mode="lines",
            name=name,
            line={"color": colour, "width": 1.5},
            hovertemplate=f"{name} %{{x}}: %{{y:,}} pixels<extra></extra>",
        )
    chart.update_xaxes(title="Value, 0 to 255", range=[0, 255])
    chart.update_yaxes(title="Pixels", type="log")
    return chart


def pixels(rgb: np.ndarray, side_px: int = 460) -> go.Figure:
    """One image with each pixel's position and values under the cursor."""
    chart = charts.figure(side_px, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    hover = "column %{x}, row %{y}<br>red %{z[0]}, green %{z[1]}, blue %{z[2]}<extra></extra>"
    chart.add_image(z=rgb, hovertemplate=hover)
    chart.update_xaxes(visible=False, constrain="domain")
    chart.update_yaxes(visible=False, constrain="domain")
    return chart


def _bar(chart: go.Figure, label: str, subtype: str, count: int, strength: float) -> None:
    text = f"{subtype} {count:,}" if subtype else ""
    chart.add_bar(
        x=[count],
        y=[charts.class_name(label)],
        orientation="h",
        marker={"color": _tint(charts.colour(label), strength)},
        text=text,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        hovertemplate=f"{subtype or charts.class_name(label)}: %{{x:,}}<extra></extra>",
    )


def _tint(colour: str, strength: float) -> str:
    # Mixed with white, not see-through: plotly then picks a text colour that can be read.
    mixed = (round(255 - (255 - int(colour[i : i + 2], 16)) * strength) for i in (1, 3, 5))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _totals(chart: go.Figure, counts: pd.Series) -> None:
    chart.add_scatter(
        x=counts,
        y=[charts.class_name(key) for key in counts.index],
        mode="text",
        text=[f"  {count:,} ({count / counts.sum():.1%})" for count in counts],
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
    )
    chart.update_xaxes(range=[0, counts.max() * 1.16], showticklabels=False, showgrid=False)
    chart.update_yaxes(showgrid=False, categoryorder="array")
