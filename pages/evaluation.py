"""Evaluation: how good a bundle is, down to the single image behind every figure."""

import streamlit as st

from core.dataset.catalogue import Catalogue
from core.dataset.splits import SPLITS
from core.errors import BloodCellsError
from core.evaluation.acceptance import acceptance
from core.settings import settings
from core.vision.bundle import bundle_folders, find_bundle
from pages.components.evaluation import figures, matrix, tabs
from pages.components.evaluation import saved as evaluation_run
from pages.components.shared import data_set, resources
from pages.components.shared.words import plain
from pages.components.shell import guard, layout

guard.require()


def main() -> None:
    names = list(bundle_folders(settings()))
    if not names:
        st.info("There is nothing to evaluate yet. Train a network: its best epoch comes here.")
        st.page_link("pages/training.py", label="Go to training", icon=":material/model_training:")
        return
    catalogue = data_set.catalogue()
    if catalogue.images.empty:
        st.info("There are no images to evaluate on. The data set's page says why.")
        st.page_link(
            "pages/dataset.py", label="Go to the data set", icon=":material/photo_library:"
        )
        return
    evaluation(names, catalogue)


def evaluation(names: list[str], catalogue: Catalogue) -> None:
    left, middle, right = st.columns([3, 3, 4], gap="medium", vertical_alignment="bottom")
    in_use = resources.deployed().bundle
    names.sort(key=lambda name: name != in_use)
    name = left.selectbox("Model or run", names, key="evaluated", bind="query-params")
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
    home = evaluation_run.saved_or_offered(bundle, split, catalogue)
    if home is not None:
        with right.container(horizontal=True, horizontal_alignment="right"):
            figures.downloads(*home, catalogue.root)
        evaluation_run.caveats(bundle, home[0], catalogue)
        overview(home, catalogue)
    tabs.tabs(bundle, split, catalogue, home)


def overview(home: evaluation_run.Evaluated, catalogue: Catalogue) -> None:
    result, metrics = home
    figures.headline(metrics, acceptance(result))
    left, right = st.columns([6, 5], gap="medium")
    with right:
        matrix.chosen_cells(result, catalogue.root)
    with left:
        matrix.matrix(result)


layout.page("Evaluation", "How good a model is, and the image behind every figure.")
try:
    main()
except BloodCellsError as error:
    st.error(plain(error), icon=":material/error:")
