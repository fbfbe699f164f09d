"""Evaluation: how good a bundle is, down to the single image behind every figure."""

import streamlit as st

from core.dataset.catalogue import Catalogue
from core.dataset.splits import SPLITS
from core.errors import BloodCellsError, ResultMissingError, ResultStaleError
from core.evaluation.results import EvaluationResult
from core.settings import settings
from core.vision.bundle import Bundle, bundle_folders, find_bundle
from pages.components import (
    data,
    evaluation_figures,
    evaluation_matrix,
    evaluation_run,
    evaluation_tabs,
    guard,
    layout,
)

guard.require()


def main() -> None:
    names = list(bundle_folders(settings()))
    if not names:
        st.info("There is nothing to evaluate yet. Train a network: its best epoch comes here.")
        st.page_link("pages/training.py", label="Go to training", icon=":material/model_training:")
        return
    catalogue = data.catalogue()
    if catalogue.images.empty:
        st.info("There are no images to evaluate on. The data set's page says why.")
        st.page_link(
            "pages/dataset.py", label="Go to the data set", icon=":material/photo_library:"
        )
        return
    evaluation(names, catalogue)


def evaluation(names: list[str], catalogue: Catalogue) -> None:
    left, middle, right = st.columns([3, 3, 4], gap="medium", vertical_alignment="bottom")
    names.sort(key=lambda name: name != settings().bundle)
    name = left.selectbox("Bundle or run", names, key="evaluated", bind="query-params")
    split = middle.segmented_control(
        "Split",
        SPLITS,
        default="test",
        required=True,
        format_func=str.capitalize,
        key="split",
        bind="query-params",
    )
    bundle = find_bundle(name, settings())
    home = None
    try:
        home = evaluation_run.saved(bundle, split, catalogue.fingerprint)
    except ResultMissingError:
        st.info(f"{name} has not been evaluated on the {split} split yet.")
        evaluation_run.offer(bundle, split, catalogue)
    except ResultStaleError as error:
        st.warning(str(error))
        evaluation_run.offer(bundle, split, catalogue)
    else:
        with right.container(horizontal=True, horizontal_alignment="right"):
            evaluation_figures.downloads(*home)
        caveats(bundle, home[0], catalogue)
        answer(home, catalogue)
    evaluation_tabs.tabs(bundle, split, catalogue, home)


def caveats(bundle: Bundle, result: EvaluationResult, catalogue: Catalogue) -> None:
    if result.synthetic:
        st.warning(
            "Synthetic: the images or the bundle are drawn cells, not real ones. "
            "These figures say nothing about blood.",
            icon=":material/science:",
        )
    elif bundle.card.data.fingerprint != catalogue.fingerprint:
        st.warning(
            "These are not exactly the images that this bundle's split was made of, so it may "
            "have learned from some of them: the figures may be too good.",
            icon=":material/rule:",
        )


def answer(home: evaluation_run.Evaluated, catalogue: Catalogue) -> None:
    result, metrics = home
    evaluation_figures.headline(metrics)
    left, right = st.columns([6, 5], gap="medium")
    with right:
        evaluation_matrix.chosen_cells(result, catalogue.root)
    with left:
        evaluation_matrix.matrix(result)


layout.page("Evaluation", "How good a bundle is, and the image behind every figure.")
try:
    main()
except BloodCellsError as error:
    st.error(str(error), icon=":material/error:")
