"""History: what was read, by whom, how sure, and what people made of it."""

import math

import streamlit as st

from core.access import exports
from core.records import history
from core.records.history import rows as history_rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.spreadsheet import csv_file
from core.records.store import Store
from pages.components.history.figures import figures, tiles
from pages.components.history.filters import filter_bar
from pages.components.history.table import opened, picked_of, table
from pages.components.shared import resources
from pages.components.shell import guard, layout

PER_PAGE = 25
CAPTIONS = {
    "clinician": "Your own readings, newest first, and what became of them.",
    "scientist": "All readings, without the names of who asked.",
    "admin": "All readings: who asked, which model predicted, who changed it.",
}

account = guard.require()
viewer = Viewer(account.role, account.id)


def main(store: Store) -> None:
    chosen = filter_bar(store, viewer)
    with st.spinner("Counting the readings"):
        totals = history.totals(store, viewer, chosen)
    if not totals.readings:
        nothing(store)
        return
    tiles(totals)
    view = st.segmented_control(
        "View",
        ["Figures", "Readings"],
        default="Figures",
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == "Figures":
        with st.spinner("Counting the readings"):
            figures(store, viewer, chosen)
    else:
        rows(store, chosen, totals.readings)


def nothing(store: Store) -> None:
    if history_rows.newest(store, viewer, HistoryFilter(), per_page=1):
        st.info("No reading fits these filters. Widen the time or clear a filter above.")
    else:
        st.info("Nothing has been read yet. Each cell that is read appears here.")
        st.page_link("pages/predict.py", label="Read a cell", icon=":material/biotech:")


def rows(store: Store, chosen: HistoryFilter, total: int) -> None:
    page = st.pagination(math.ceil(total / PER_PAGE), key="page", bind="query-params")
    found = history_rows.newest(store, viewer, chosen, page=page, per_page=PER_PAGE)
    picked = picked_of(found)
    left, right = st.columns([3, 2], gap="medium") if picked else (st.container(), None)
    with left:
        table(found, names=viewer.compares_people)
        export(store, chosen, total)
    if right and picked:
        with right:
            opened(picked, account)


def export(store: Store, chosen: HistoryFilter, total: int) -> None:
    # No run of the page: on a busy server it would end first and take the file back.
    st.download_button(
        f"Export {total:,} readings as CSV",
        lambda: csv_file(exports.history_csv(store, account, chosen)),
        "readings.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


layout.page("History", CAPTIONS[account.role])
main(resources.store())
