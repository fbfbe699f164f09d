"""Other laboratories side by side, and the images that a bundle and their labels disagree on."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from core.dataset.catalogue import Catalogue
from core.errors import EvaluationError
from core.evaluation.laboratories import side_by_side
from core.evaluation.results import EvaluationResult
from core.evaluation.subtypes import class_table
from core.settings import settings
from core.taxonomy import CLASSES, OUTSIDE_KEYS
from core.vision.bundle import Bundle
from pages.components.evaluation import laboratory_runs, matrix
from pages.components.evaluation import saved as evaluation_run
from pages.components.evaluation.figures import per_cent
from pages.components.evaluation.laboratory_runs import Standing
from pages.components.evaluation.risk import in_words
from pages.components.shared import charts
from pages.components.shared.words import plain

HOME = "Source laboratory, test split"
DOUBT = (
    "Labels of other sets may be wrong too: a disagreement is not yet a mistake of the model. "
    "A person decides, by looking at the image."
)
EXPLAINED = """
- **F1, classes present:** the mean F1 over the classes that the laboratory has images of.
  A prediction of any other class lowers it only through the cell that it was made for.
- **F1, all classes:** the mean over the classes that are present *or were predicted*. A class
  without images counts as 0 as soon as one cell is predicted as it, and is left out if none is.
- **Calibration error:** mean gap between confidence and accuracy, over 15 bins of confidence.
- **Reported automatically:** predictions that the decision rule, as it ships, marks as
  confident: on the page Predict nobody is asked to look at them.
- **Wrong among those:** what would go unnoticed if nobody looked at them.
- **Blasts and abnormal cells referred:** of the cells in folders such as blast, myeloblast,
  promyelocyte, atypical_lymphocyte or smudge_cell. No other figure counts these.

In brackets stand 95% intervals. They tell the chance in which images were taken and count each
image as a case of its own: where one cell was photographed several times, they are too narrow.
"""


def laboratories(bundle: Bundle, catalogue: Catalogue) -> None:
    """Draws the table, the button for what lacks, and one laboratory's disagreements."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        reread = st.button("Look for new images", icon=":material/refresh:", key="labs reread")
    found = laboratory_runs.standings(bundle, reread=reread)
    if not found:
        _where_to_put_them()
        return
    _table(bundle, found, catalogue)
    sources = [bundle.card.data.source, *(one.source for one in bundle.card.data.further)]
    st.caption(plain(f"{bundle.name} learnt from: {'; '.join(sources)}. Figures of these flatter."))
    waiting = [standing for standing in found if standing.waits]
    if waiting:
        laboratory_runs.offer(bundle, waiting)
    _not_used(found)
    _one(found)


def _where_to_put_them() -> None:
    st.info(
        "No external laboratory yet. A number on one data set says nothing about another "
        "laboratory's stain, microscope and camera. Put labelled cells of others into this folder."
    )
    st.code(
        f"{settings().laboratories_dir}/\n"
        "    hospital-north/          one folder a laboratory, its name is shown\n"
        "        neutrophil/          in it one folder a class, images of single cells inside\n"
        "        lymphocyte/\n"
        "    hospital-south/\n"
        "        monocyte/            a few of the classes will do",
        language=None,
    )
    known = ", ".join(" or ".join(dict.fromkeys((c.key, *c.aliases))) for c in CLASSES)
    st.caption(
        f"Class folders: {known}. Cells outside the classes tell whether they are referred: "
        f"{', '.join(OUTSIDE_KEYS)}. Other folders are listed and not used. The folder is set by "
        "BLOODCELLS_LABORATORIES_DIR. Then press “Look for new images”."
    )


def _table(bundle: Bundle, found: list[Standing], catalogue: Catalogue) -> None:
    evaluated = [(s.laboratory.name, *s.evaluated) for s in found if s.evaluated is not None]
    rows: list[dict[str, Any]] = []
    try:
        home = evaluation_run.saved(bundle, "test", catalogue.fingerprint)
        evaluated.insert(0, (HOME, *home))
    except EvaluationError:
        rows.append({"Laboratory": HOME, "State": "Not evaluated yet: choose the test split above"})
    rows += [_row(figures) for figures in side_by_side(evaluated).to_dict("records")]
    rows += [
        {"Laboratory": s.laboratory.name, "State": s.state} for s in found if s.evaluated is None
    ]
    st.dataframe(pd.DataFrame(rows).fillna(""), hide_index=True)
    with st.popover("How are these computed?", type="tertiary"):
        st.markdown(EXPLAINED)


def _row(figures: dict[Hashable, Any]) -> dict[str, Any]:
    return {
        "Laboratory": figures["laboratory"],
        "State": "Evaluated",
        "Images": f"{figures['n']:,}",
        "Accuracy, %": per_cent(figures["accuracy"]),
        "F1, classes present, %": per_cent(figures["macro_f1"]),
        "F1, all classes, %": per_cent(figures["macro_f1_all"]),
        "Calibration error, %": per_cent(figures["calibration_error"]),
        **in_words(figures["acceptance"]),
    }


def _not_used(found: list[Standing]) -> None:
    problems = [s.catalogue.problems.assign(name=s.laboratory.name) for s in found if s.catalogue]
    table = pd.concat(problems) if problems else pd.DataFrame()
    if table.empty:
        return
    with st.expander(f"{len(table):,} files are not used"):
        counts = table.groupby(["name", "problem"]).agg(
            files=("path", "size"), first=("path", "min")
        )
        names = {"name": "Laboratory", "problem": "Why", "files": "Files", "first": "One of them"}
        st.dataframe(counts.reset_index().rename(columns=names), hide_index=True)


def _one(found: list[Standing]) -> None:
    evaluated = {s.laboratory.name: s for s in found if s.evaluated is not None}
    if not evaluated:
        return
    st.subheader("Discordant cells")
    columns = st.columns(3)
    with columns[0]:
        name = st.selectbox("Laboratory", list(evaluated), key="laboratory", bind="query-params")
    chosen = evaluated[name]
    if chosen.evaluated is None or chosen.catalogue is None:
        return
    result = chosen.evaluated[0]
    with columns[1]:
        labelled = matrix.class_menu("Labelled as", "labelled", result.classes)
    with columns[2]:
        predicted = matrix.class_menu("Predicted as", "predicted", result.classes)
    _confusion(result)
    rows = result.samples_in(labelled, predicted)
    rows = rows[~rows["correct"]]
    st.caption(f"{len(rows):,} disagreements, the most confident first. {DOUBT}")
    matrix.samples(rows, chosen.catalogue.root, f"laboratory {name}", said="Labelled")


def _confusion(result: EvaluationResult) -> None:
    st.dataframe(
        [
            {
                "Labelled as": charts.class_name(row["true"]),
                "Images": row["n"],
                "Predicted so": row["recall"],
                "95% interval": f"{row['low']:.1%} to {row['high']:.1%}",
                "Predicted instead": ", ".join(
                    f"{charts.class_name(key)} {count}" for key, count in row["taken_for"].items()
                ),
            }
            for row in class_table(result).to_dict("records")
        ],
        column_config={
            "Predicted so": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            )
        },
    )
