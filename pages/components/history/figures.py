"""The history in figures: tiles, charts, readings by bundle and by person."""

import streamlit as st

from core.records import history
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store
from pages.components.history import charts as history_charts
from pages.components.shared import charts


def tiles(totals: history.Totals) -> None:
    """Draws the headline figures."""
    columns = st.columns(4)
    columns[0].metric("Readings", f"{totals.readings:,}", border=True)
    columns[1].metric("Need review", f"{totals.need_review / totals.readings:.1%}", border=True)
    columns[2].metric("Corrected", f"{totals.corrected / totals.readings:.1%}", border=True)
    columns[3].metric("Median time", f"{totals.median_ms:.1f} ms", border=True)


def figures(store: Store, viewer: Viewer, chosen: HistoryFilter) -> None:
    """Draws all charts of the chosen readings."""
    _over_time(store, viewer, chosen)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Confidence of the predictions")
        counts = history.by_confidence(store, viewer, chosen)
        charts.draw(history_charts.confidence(counts), key="confidence")
    with right:
        _corrections(store, viewer, chosen)
    left, right = st.columns(2, gap="medium")
    with left:
        _groups("Model", history.by_bundle(store, viewer, chosen))
    if viewer.compares_people:
        with right:
            _groups("Person", history.by_user(store, viewer, chosen))


def _over_time(store: Store, viewer: Viewer, chosen: HistoryFilter) -> None:
    st.subheader("Over time")
    shares = st.toggle("As shares", key="mix", bind="query-params")
    counts = history.by_day(store, viewer, chosen)
    charts.draw(history_charts.over_time(counts, shares), key="over time")


def _corrections(store: Store, viewer: Viewer, chosen: HistoryFilter) -> None:
    st.subheader("Corrections by people")
    counts = history.corrections(store, viewer, chosen)
    if counts:
        charts.draw(history_charts.corrections(counts), key="corrections")
    else:
        st.caption("No person has confirmed or corrected one of these readings yet.")


def _groups(name: str, counts: list[history.GroupCount]) -> None:
    st.subheader(f"By {name.lower()}")
    st.dataframe(
        [
            {
                name: group.name,
                "Readings": group.readings,
                "Need review": 100 * group.need_review / group.readings,
                "Corrected": 100 * group.corrected / group.readings,
            }
            for group in counts
        ],
        column_config={
            "Need review": st.column_config.NumberColumn(format="%.1f%%"),
            "Corrected": st.column_config.NumberColumn(format="%.1f%%"),
        },
    )
