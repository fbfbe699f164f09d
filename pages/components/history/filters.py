"""The history's filter bar; each field is kept in the address bar under its key."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from core.prediction import Status
from core.records import history
from core.records.history.filter import HistoryFilter, Verdict, Viewer
from core.records.store import Store
from core.taxonomy import KEYS, NO_CELL, kind

DAYS = {"7 days": 7, "30 days": 30, "90 days": 90, "1 year": 365}
ALL_TIME = "All time"
BETWEEN = "Dates"
VERDICTS = {verdict: verdict.capitalize() for verdict in Verdict}


def filter_bar(store: Store, viewer: Viewer) -> HistoryFilter:
    """Draws the bar and gives what it is set to."""
    people = history.usernames(store, viewer)
    # Six side by side would cut what they are set to, on a laptop.
    lines = [[3, 4, 3], [4, 3, 3]] if people else [[3, 5, 4, 6, 4]]
    columns = iter([column for line in lines for column in st.columns(line, gap="small")])
    below = st.container()
    with next(columns):
        span = _time()
    with below:
        since, until = _between() if span == BETWEEN else _last(span)
    with next(columns):
        labels = _classes()
    with next(columns):
        verdict = _one("Review", list(Verdict), "verdict", lambda code: VERDICTS[Verdict(code)])
    with next(columns):
        statuses = _statuses()
    with next(columns):
        bundle = _one("Model", _bundles(store, viewer, since, until), "bundle")
    person = None
    if people:
        with next(columns):
            person = _one("Person", people, "person")
    return HistoryFilter(
        since,
        until,
        labels,
        statuses=statuses,
        bundles=(bundle,) if bundle else (),
        usernames=(person,) if person else (),
        verdict=Verdict(verdict) if verdict else None,
    )


def _time() -> str:
    return st.selectbox(
        "Time (UTC)",
        [*DAYS, ALL_TIME, BETWEEN],
        index=1,
        key="time",
        bind="query-params",
    )


def _last(span: str) -> tuple[date | None, None]:
    days = DAYS.get(span)
    return (_today() - timedelta(days=days - 1) if days else None), None


def _between() -> tuple[date, date]:
    month = (_today() - timedelta(days=29), _today())
    days = st.date_input("Days", month, key="days", bind="query-params", width=260)
    chosen = list(days) or month  # one day only while the second is being chosen
    return chosen[0], chosen[-1]


def _today() -> date:
    return datetime.now(UTC).date()


def _name(key: str) -> str:
    return kind(key).name  # stands in the address bar, so without its glyph


def _classes() -> list[str]:
    return st.multiselect(
        "Predicted class",
        [*KEYS, NO_CELL.key],
        format_func=_name,
        key="class",
        bind="query-params",
        placeholder="Any",
    )


def _statuses() -> list[Status]:
    return st.multiselect(
        "Status",
        list(Status),
        format_func=lambda status: status.shown,
        key="status",
        bind="query-params",
        placeholder="Any",
    )


def _one(label: str, options: list[str], key: str, name: Callable[[str], str] = str) -> str | None:
    return st.selectbox(
        label,
        options,
        index=None,
        format_func=name,
        key=key,
        bind="query-params",
        placeholder="Any",
    )


@st.cache_data(ttl=60, max_entries=256, show_spinner=False)
def _bundles(_store: Store, viewer: Viewer, since: date | None, until: date | None) -> list[str]:
    found = history.by_bundle(_store, viewer, HistoryFilter(since, until))
    return sorted(group.name for group in found)
