"""What a bundle tells of a cell's morphology: does it agree with people, and where errors lie."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from core.dataset.attributes import find_attributes
from core.dataset.catalogue import Catalogue
from core.errors import DatasetError
from core.evaluation.attributes import Agreement, agreement, annotated_samples, mean_macro_f1
from core.evaluation.results import EvaluationResult
from core.morphology import attribute
from pages.components.evaluation import attribute_errors
from pages.components.shared.words import plain

TELLS_NONE = (
    "This model tells no attributes, and people gave none to these images. Evaluate a model that "
    "tells some, or put CSV files as WBCAtt's into a folder wbcatt beside the data set."
)
NO_FILES = (
    "Nothing to compare with: nobody gave attributes to these images. Put CSV files as WBCAtt's "
    "(a column img_name and one for each attribute) into a folder wbcatt beside the data set."
)
SILENT = "This model tells no attributes, so there is nothing to compare with what people gave."
CAVEAT = (
    "The model may have learnt attributes from some of these cells, of train.csv for instance: "
    "there it agrees too well. The figures to quote are those of a file that it has not seen."
)
EXPLAINED = """
For macro F1 and accuracy every annotated cell counts with its likeliest value, also where the
model is unsure of it or names another class: only so can they be set beside published figures.
Macro F1 is the plain mean of F1 over an attribute's values, so that a rare value counts as much as
a common one. *Reported* is the share of the cells for which it is reported: the model is sure of
it, and has learnt attributes from the class that it predicts.
"""


def attributes(result: EvaluationResult, catalogue: Catalogue) -> None:
    """Draws the agreement with people, and the errors by what their cells look like."""
    files = find_attributes(catalogue.root)
    try:
        annotated = annotated_samples(result, files)
    except DatasetError as error:
        st.error(plain(error), icon=":material/error:")
        return
    if result.attributes_card is None and annotated.empty:
        st.info(TELLS_NONE)
        return
    attribute_errors.errors(result, annotated, catalogue.root)
    st.subheader("Agreement with people")
    if result.attributes_card is None:
        st.info(SILENT)
    elif annotated.empty:
        st.info(NO_FILES)
    else:
        _agreement(result, files)


def _agreement(result: EvaluationResult, files: list[Path]) -> None:
    compared = {
        file.name: told
        for file in files
        if (told := agreement(result, annotated_samples(result, [file])))
    }
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.dataframe(
            pd.DataFrame([_file_row(name, told) for name, told in compared.items()]),
            hide_index=True,
        )
        st.caption(CAVEAT)
        with st.popover("How are these computed?", type="tertiary"):
            st.markdown(EXPLAINED)
    with right:
        name = st.segmented_control(
            "Cells annotated in",
            list(compared),
            default=list(compared)[-1],
            format_func=plain,
            required=True,
            key="attributes_of",
        )
        told = compared[name]
        st.dataframe(
            pd.DataFrame([_row(key, one) for key, one in told.items()]),
            hide_index=True,
            height=35 * (len(told) + 1) + 3,
        )


def _file_row(name: str, told: Mapping[str, Agreement]) -> dict[str, object]:
    cells = next(iter(told.values())).n
    return {"File": name, "Cells": cells, "Mean macro F1": f"{mean_macro_f1(told):.1%}"}


def _row(key: str, one: Agreement) -> dict[str, object]:
    right = one.accuracy_told
    return {
        "Attribute": attribute(key).name,
        "Macro F1": f"{one.macro_f1:.1%}",
        "Accuracy": f"{one.accuracy:.1%}",
        "Reported": f"{one.told:.1%}",
        "Right where reported": "–" if right is None else f"{right:.1%}",
    }
