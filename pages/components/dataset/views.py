"""The sections of the data set page."""

import pandas as pd
import streamlit as st

from core.dataset import quality
from core.dataset.catalogue import Catalogue
from core.taxonomy import cell_class, is_known
from pages.components.dataset import charts as data_charts
from pages.components.dataset import image
from pages.components.shared import cells, charts, data_set

_GRID = 24


def distribution(catalogue: Catalogue) -> None:
    """How many images of each class, by subtype or by split."""
    images = catalogue.images
    shown = st.segmented_control(
        "Bars show", ["Subtypes", "Splits"], default="Subtypes", required=True
    )
    if shown == "Splits":
        charts.draw(data_charts.by_split(images, data_set.split(catalogue)), key="by split")
        st.caption(
            "70% to train, 10% to validate, 20% to test, within each class and subtype. Images of "
            "the same cell are never apart, and the same images give the same split anywhere."
        )
    else:
        charts.draw(data_charts.distribution(images), key="distribution")
    if rare := quality.rare_classes(images):
        names = ", ".join(cell_class(key).name for key in rare)
        st.info(f"Rare here: {names}. Read their figures with care.", icon=":material/info:")


def samples(catalogue: Catalogue) -> None:
    """A grid of images of one class or all, drawn anew on demand."""
    images = catalogue.images
    labels = list(images["label"].value_counts().index)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "Class",
            ["all", *labels],
            format_func=_or_all,
            key="class",
            width=300,
            bind="query-params",
        )
        if st.button("Shuffle", icon=":material/shuffle:"):
            st.session_state["draw"] = st.session_state.get("draw", 0) + 1
    of_class = images if label == "all" else images[images["label"] == label]
    drawn = of_class.sample(min(_GRID, len(of_class)), random_state=st.session_state.get("draw", 0))
    image.grid(catalogue, drawn, "samples")


def properties(catalogue: Catalogue) -> None:
    """Sizes, modes, colour and sharpness by class."""
    images = catalogue.images
    left, right = st.columns([3, 7], gap="large")
    with left:
        st.subheader("Sizes and modes", anchor=False)
        st.dataframe(_sizes(images), hide_index=True, height=320)
    with right:
        st.subheader("Colour and sharpness by class", anchor=False)
        shown = st.segmented_control(
            "Share of images by",
            ["Channel means", "Brightness", "Contrast", "Sharpness"],
            default="Channel means",
            required=True,
        )
        charts.draw(_histograms(images, shown), key="histograms")


def problems(catalogue: Catalogue) -> None:
    """What deserves a second look: unusable files, duplicates, outliers."""
    st.subheader("Files that are not used", anchor=False)
    if catalogue.problems.empty:
        st.caption("None: every file is an image that can be read.")
    else:
        names = {"path": "File", "problem": "Reason"}
        st.dataframe(catalogue.problems.rename(columns=names), hide_index=True)
    _duplicates(catalogue)
    st.subheader("Far from their class", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        feature = st.segmented_control("In", quality.FEATURES, default="Sharpness", required=True)
    found = quality.outliers(catalogue.images, feature, 16)
    image.grid(catalogue, found, "outliers", [f"{score:+.1f} σ" for score in found["score"]])
    st.caption("σ: distance from the median of the class in robust deviations (from the MAD).")


def _duplicates(catalogue: Catalogue) -> None:
    found = quality.duplicates(catalogue.images)
    st.subheader("Shown more than once", anchor=False)
    if found.empty:
        st.caption("Nothing found.")
        return
    views = found.drop_duplicates("view")["kind"].value_counts(sort=False)
    counts = ", ".join(f"{kind}: {count}" for kind, count in views.items() if count)
    st.caption(f"{counts}. Splits never part them.")
    with st.container(horizontal=True, gap="medium"):
        for _, members in found.groupby("view", sort=False):
            with st.container(border=True, width="content"):
                _duplicate(catalogue, members)


def _duplicate(catalogue: Catalogue, members: pd.DataFrame) -> None:
    kind = members["kind"].iloc[0]
    if kind == quality.KINDS[0]:
        st.badge(kind, icon=":material/warning:", color="red")
    else:
        st.badge(kind, color="gray")
    cards = [
        cells.Card(catalogue.root / path, label, path.rpartition("/")[2])
        for path, label in zip(members["path"], members["label"], strict=True)
    ]
    cells.gallery(cards, 98)


def _sizes(images: pd.DataFrame) -> pd.DataFrame:
    counts = images.value_counts(["width", "height", "mode"]).reset_index(name="Images")
    counts.insert(0, "Size, px", counts["width"].astype(str) + " × " + counts["height"].astype(str))
    return counts.rename(columns={"mode": "Mode"})[["Size, px", "Mode", "Images"]]


@st.cache_data(show_spinner=False, max_entries=16)
def _histograms(images: pd.DataFrame, shown: str) -> object:
    means, deviations = ["mean_r", "mean_g", "mean_b"], ["std_r", "std_g", "std_b"]
    if shown == "Channel means":
        return data_charts.class_histograms(images, tuple(means), "of 255")
    values = {"Brightness": means, "Contrast": deviations, "Sharpness": ["sharpness"]}[shown]
    table = images[["label"]].assign(value=images[values].mean(axis=1))
    return data_charts.class_histograms(table, ("value",), "of 255")


def _or_all(label: str) -> str:
    if label == "all":
        return "All classes"
    return charts.class_name(label) if is_known(label) else label
