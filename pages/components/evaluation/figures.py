"""The evaluation's figures: headline, by class, calibration, subtypes, downloads."""

import json
from pathlib import Path

import streamlit as st

from core.dataset.attributes import find_attributes
from core.errors import DatasetError
from core.evaluation.acceptance import Acceptance
from core.evaluation.attributes import Agreement, agreement, annotated_samples
from core.evaluation.calibration import BINS, reliability
from core.evaluation.metrics import PER_CLASS, Estimate, Metrics
from core.evaluation.report import report
from core.evaluation.results import EvaluationResult
from core.evaluation.subtypes import subtype_table
from core.records.spreadsheet import csv_file
from pages.components.evaluation import charts as evaluation_charts
from pages.components.shared import charts

REPORTED = "Reported automatically"
NAMES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}
EXACT = "The range is an exact 95% interval (Clopper and Pearson 1934)."
INTERVAL = (
    "The range is a 95% interval: the images are drawn again 1,000 times, with replacement, and "
    "the middle 95% of the figures kept. It tells the chance in which images were held back, "
    "not how the model does on another laboratory's images."
)
CALIBRATION = (
    f"Predictions are sorted into {BINS} bins by confidence. Shown is the gap between mean "
    "confidence and accuracy in a bin, averaged over all images (Guo et al. 2017). At 1% a "
    "prediction that says 95% is right about 94 to 96 times in 100. Drawing again adds noise to "
    "every gap, so the range leans upwards."
)
EXPLAINED = {
    "Accuracy": "Images predicted as their own class, divided by all images.",
    "Macro F1": "For each class F1 = 2 x precision x recall / (precision + recall); then the plain "
    "mean over the classes that the data holds. A rare class counts as much as a common one.",
    "Weakest class": "Recall is the share of a class's images that were predicted as it. Shown is "
    "the class where it is lowest.",
    REPORTED: "Predictions that the decision rule, as it ships, marks as confident: on the page "
    "Predict nobody is asked to look at them. Below it stands how many of those are wrong.",
}


def per_cent(figure: Estimate) -> str:
    """A figure and its interval, e.g. "98.2 (97.1 to 99.0)"."""
    return f"{100 * figure.value:.1f} ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def headline(metrics: Metrics, rule: Acceptance) -> None:
    """Draws the four figures, each with its interval and how it is computed."""
    reported = Estimate(rule.coverage.value, *rule.coverage.limits)
    recalls = {k: metrics.per_class[k]["recall"] for k, n in metrics.support.items() if n}
    weakest = min(recalls, key=lambda key: recalls[key].value)
    wrong = round(metrics.n * (1 - metrics.accuracy.value))
    figures = [
        ("Accuracy", metrics.accuracy, f"{wrong:,} of {metrics.n:,} wrong"),
        ("Macro F1", metrics.macro["f1"], f"Mean over {len(recalls)} classes"),
        ("Weakest class", recalls[weakest], charts.class_name(weakest)),
        (REPORTED, reported, f"{rule.error.count:,} of {rule.error.of:,} wrong"),
    ]
    for column, (name, figure, note) in zip(st.columns(4), figures, strict=True):
        with column.container(border=True, gap="xxsmall", height="stretch"):
            st.metric(name, f"{figure.value:.1%}")
            st.caption(note)
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                st.caption(f"{100 * figure.low:.1f} to {100 * figure.high:.1f}", width="content")
                _explain(name)


def _explain(name: str) -> None:
    with st.popover("How?", type="tertiary", help="How is this computed?"):
        st.write(EXPLAINED[name])
        st.write(EXACT if name == REPORTED else INTERVAL)


def by_class(metrics: Metrics) -> None:
    """Draws precision, recall and F1 of each class, as a table and as a chart."""
    figures = {k: figures for k, figures in metrics.per_class.items() if metrics.support[k]}
    rows = [
        {"Class": charts.class_name(key), "Images": metrics.support[key]}
        | {NAMES[name]: per_cent(figures[key][name]) for name in PER_CLASS}
        for key in figures
    ]
    for mean, means in (("Macro mean", metrics.macro), ("Weighted mean", metrics.weighted)):
        shown = {NAMES[name]: per_cent(means[name]) for name in PER_CLASS}
        rows.append({"Class": mean, "Images": metrics.n, **shown})
    st.dataframe(rows, height="content")
    st.caption(
        "Per cent, with 95% intervals. Where no prediction was wrong, resampling finds "
        "no range; that is not certainty."
    )
    name = st.segmented_control(
        "Chart of", PER_CLASS, default="recall", required=True, format_func=NAMES.__getitem__
    )
    chosen = {key: figures[key][name] for key in figures}
    charts.draw(evaluation_charts.by_class(chosen, name), key="by class")


def calibration(result: EvaluationResult, metrics: Metrics) -> None:
    """Draws how often predictions of each confidence are right."""
    left, right = st.columns([3, 2], gap="medium")
    rows = reliability(result)
    with left:
        charts.draw(evaluation_charts.reliability(rows), key="reliability")
    with right:
        figure = metrics.calibration_error
        interval = f"95% interval {figure.low:.2%} to {figure.high:.2%}."
        st.metric("Calibration error", f"{figure.value:.2%}", help=f"{interval} {CALIBRATION}")
        st.write(
            "Each dot holds the predictions of one range of confidence; the larger, the more. "
            "On the dotted line, a confidence of 90% is right nine times in ten. Below it the "
            "model is overconfident, above it underconfident."
        )
        st.caption("Lines are exact 95% intervals (Clopper-Pearson).")


def subtypes(result: EvaluationResult) -> None:
    """Draws the recall of each subtype and what it is taken for."""
    rows = subtype_table(result)
    if rows.empty:
        st.info("These images carry no subtypes. File names such as BNE_12.jpg give them.")
        return
    st.dataframe(
        [
            {
                "Class": charts.class_name(row["true"]),
                "Subtype": row["subtype"],
                "Images": row["n"],
                "Recall": row["recall"],
                "95% interval": f"{row['low']:.1%} to {row['high']:.1%}",
                "Taken for": ", ".join(
                    f"{charts.class_name(k)} {n}" for k, n in row["taken_for"].items()
                ),
            }
            for row in rows.to_dict("records")
        ],
        column_config={
            "Recall": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
        },
    )


def downloads(result: EvaluationResult, metrics: Metrics, root: Path) -> None:
    """Draws the two downloads: every sample as CSV, every figure as JSON.

    Args:
        root: the folder of the result's images; people's attributes are looked for near it.
    """
    name = f"{result.bundle}-{result.split}"
    st.download_button(
        "Samples (CSV)",
        lambda: csv_file([result.samples().to_csv(index=False)]),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    st.download_button(
        "Figures (JSON)",
        lambda: json.dumps(report(result, metrics, _told(result, root)), indent=2),
        f"{name}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _told(result: EvaluationResult, root: Path) -> dict[str, Agreement]:
    try:
        return agreement(result, annotated_samples(result, find_attributes(root)))
    except DatasetError:  # the tab "Attributes" says what is wrong with the file
        return {}


def unreadable(result: EvaluationResult) -> None:
    """Draws the images that were left out, with the reason."""
    st.dataframe([{"Image": path, "Reason": reason} for path, reason in result.unreadable])
