"""Data set: where the images come from, what they hold, and what to doubt."""

import streamlit as st

from core.dataset.catalogue import Catalogue
from core.dataset.sources import DataSource
from core.errors import DatasetError
from pages.components.dataset import augmentation, views
from pages.components.shared import data_set, documents
from pages.components.shared.words import plain
from pages.components.shell import guard, layout

guard.require()

SECTIONS = {
    "Distribution": views.distribution,
    "Samples": views.samples,
    "Properties": views.properties,
    "Quality": views.problems,
    "Augmentation": augmentation.twelve,
    "Card": documents.data_set,
}


def main() -> None:
    layout.page("Data set", "The images that networks learn from and are measured on.")
    try:
        source = data_set.source()
        if source.synthetic:
            synthetic(source)
        catalogue = data_set.catalogue(reread=st.session_state.pop("reread", False))
    except DatasetError as error:
        st.error(plain(error), icon=":material/error:")
        return
    header(source, catalogue)
    if catalogue.images.empty:
        st.warning("No file can be used as an image. The reasons:", icon=":material/warning:")
        st.dataframe(catalogue.problems, hide_index=True)
        return
    sections(catalogue)


def synthetic(source: DataSource) -> None:
    st.warning(
        f"Synthetic cells. {plain(source.message)} They show how everything works; "
        "nothing trained on them is a model for real cells.",
        icon=":material/draw:",
    )
    data_set.offer_download()


def header(source: DataSource, catalogue: Catalogue) -> None:
    images = catalogue.images
    figures = {
        "Source": source.origin,
        "Images": f"{len(images):,}",
        "Classes": str(images["label"].nunique()),
        "Problems found": f"{len(catalogue.problems):,}",
        "Fingerprint": catalogue.fingerprint,
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        for name, value in figures.items():
            with st.container(width="content", gap=None):
                st.caption(name, help=plain(source.message) if name == "Source" else None)
                st.markdown(f"**{plain(value)}**")
        if st.button("Look for changes", icon=":material/refresh:", type="tertiary"):
            st.session_state["reread"] = True
            st.rerun()


def sections(catalogue: Catalogue) -> None:
    tabs = st.tabs(list(SECTIONS), key="section", on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, SECTIONS.values(), strict=True):
        if tab.open:
            with tab:
                draw(catalogue)


main()
