"""Label suspects: images whose label is probably wrong, one after another, for a person to mark."""

import pandas as pd
import streamlit as st

from core.access import exports
from core.access.accounts import Account
from core.dataset.catalogue import Catalogue
from core.evaluation.results import EvaluationResult
from core.evaluation.suspects import label_suspects
from core.records import label_marks
from core.records.spreadsheet import csv_file
from pages.components.evaluation import marking, matrix
from pages.components.evaluation import suspect as evaluation_suspect
from pages.components.shared import resources
from pages.components.shell import guard

SHOWN = ("Not marked", "All")
NONE = (
    "No conflict: the model is nowhere as confident of another class as of that class's own "
    "images, and no cell stands under two labels."
)
LEFT = "Nothing left to mark here. Choose “All” to see them again, or another label."
EXPLAINED = """
An image is suspect if the model gives it another class as surely as it gives that class to the
images labelled so, or if the same cell stands under two labels. The worst come first. The model
may be wrong: look, then say.

A mark changes no image and no figure. It is kept with your user name, and belongs to the image's
content and label: a file that is moved under another label is asked about anew. The CSV file holds
the marks of all models and splits.

Source: Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset
Labels.
"""
LEARNT = (
    "The model has learnt these labels, wrong ones among them, so it finds fewer here than on "
    "images that were held back."
)


def suspects(result: EvaluationResult, catalogue: Catalogue) -> None:
    """Draws the suspects of an evaluation, and what people said of them."""
    with st.spinner("Looking for labels in doubt"):
        found = _found(result, catalogue)
    _marking(found, result, catalogue)


@st.cache_data(
    max_entries=32,
    show_spinner=False,
    hash_funcs={
        EvaluationResult: lambda r: (r.bundle, r.mark, r.split, r.data_fingerprint),
        Catalogue: lambda catalogue: catalogue.fingerprint,
    },
)
def _found(result: EvaluationResult, catalogue: Catalogue) -> pd.DataFrame:
    return label_suspects(result, catalogue.images)


@st.fragment
def _marking(found: pd.DataFrame, result: EvaluationResult, catalogue: Catalogue) -> None:
    """All that a mark changes, so that it need not draw the whole page again."""
    account = guard.require()
    store = resources.store()
    marks = label_marks.marks(store)
    keys = zip(found["sha256"], found["true"], strict=True)
    found = found.assign(mark=pd.Series([marks.get(key) for key in keys], dtype=object))
    _headline(found, result)
    rows = _bar(found, result, account, any(marks))
    marking.failure()
    if found.empty:
        st.info(NONE)
    elif rows.empty:
        st.info(LEFT)
        marking.undo(found)
    else:
        evaluation_suspect.judge(rows, found, catalogue.root, result.bundle)


def _headline(found: pd.DataFrame, result: EvaluationResult) -> None:
    marked = int(found["mark"].notna().sum())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{len(found):,} suspects among {len(result):,} images, {marked:,} marked.")
        with st.popover("How are these found?", type="tertiary"):
            st.markdown(EXPLAINED)
    if result.split == "train":
        st.caption(LEARNT)


def _bar(
    found: pd.DataFrame, result: EvaluationResult, account: Account, any_marks: bool
) -> pd.DataFrame:
    """Draws what narrows the suspects, and the export; gives those to show."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.segmented_control(
            "Suspects",
            SHOWN,
            default=SHOWN[0],
            required=True,
            key="suspects",
            bind="query-params",
        )
        labels = tuple(key for key in result.classes if key in set(found["true"]))
        with st.container(width=260):
            label = matrix.class_menu("Labelled as", "suspects_label", labels)
        st.download_button(
            "Marks (CSV)",
            lambda: csv_file(exports.marks_csv(resources.store(), account)),
            "label-marks.csv",
            "text/csv",
            icon=":material/download:",
            disabled=not any_marks,
        )
    rows = found if shown == SHOWN[1] else found[found["mark"].isna()]
    return rows if label is None else rows[rows["true"] == label]
