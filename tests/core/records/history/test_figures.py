"""The figures of the history, for each kind of viewer, from an index alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import NotAllowedError
from core.prediction import Status
from core.records import history
from core.records.history.figures import ConfidenceCount, Correction, DayCount, GroupCount, Totals
from core.records.history.filter import HistoryFilter, Verdict, Viewer
from core.records.store import Store

FIGURES = (
    history.totals,
    history.by_day,
    history.by_confidence,
    history.by_bundle,
    history.by_user,
    history.corrections,
)


@pytest.fixture
def viewers(log: Any, person: Callable[[str], int], label: Any) -> dict[str, Viewer]:
    """Ann and Bob, who read five cells over two days, and who looks at it."""
    ann, bob = person("ann"), person("bob")
    first, second = datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    ig = {"label": "ig", "status": Status.REVIEW, "confidence": 0.5}
    mine = log(ann, first, milliseconds=1.0, **ig)
    log(ann, first, milliseconds=2.0, confidence=1.0)
    log(ann, second, milliseconds=4.0, bundle="second")
    theirs = log(bob, second, milliseconds=8.0)
    log(None, second, milliseconds=16.0)
    log(ann, second, source="example")
    label(mine, ann, "neutrophil")
    label(theirs, bob, "neutrophil")
    return {
        "clinician": Viewer("clinician", ann),
        "scientist": Viewer("scientist", bob),
        "admin": Viewer("admin", bob),
        "stranger": Viewer("visitor", ann),
    }


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("clinician", Totals(3, 1, 1, 2.0)),
        ("scientist", Totals(5, 1, 1, 4.0)),
        ("admin", Totals(5, 1, 1, 4.0)),
        ("stranger", Totals(3, 1, 1, 2.0)),
    ],
)
def test_a_viewer_counts_what_he_may_see(
    store: Store, viewers: dict[str, Viewer], who: str, seen: Totals
) -> None:
    assert history.totals(store, viewers[who]) == seen


@pytest.mark.parametrize(
    ("chosen", "readings"),
    [
        (HistoryFilter(since=date(2026, 3, 2)), 3),
        (HistoryFilter(until=date(2026, 3, 1)), 2),
        (HistoryFilter(since=date(2026, 3, 1), until=date(2026, 3, 2)), 5),
        (HistoryFilter(labels=("ig",)), 1),
        (HistoryFilter(labels=("ig", "neutrophil")), 5),
        (HistoryFilter(statuses=(Status.CONFIDENT,)), 4),
        (HistoryFilter(statuses=(Status.REFERRED,)), 0),
        (HistoryFilter(bundles=("second",)), 1),
        (HistoryFilter(usernames=("bob",)), 1),
        (HistoryFilter(usernames=("ann", "bob")), 4),
        (HistoryFilter(verdict=Verdict.CORRECTED), 1),
        (HistoryFilter(verdict=Verdict.CONFIRMED), 1),
        (HistoryFilter(verdict=Verdict.NONE), 3),
        (HistoryFilter(labels=("ig",), verdict=Verdict.NONE), 0),
    ],
)
def test_a_filter_narrows(
    store: Store, viewers: dict[str, Viewer], chosen: HistoryFilter, readings: int
) -> None:
    assert history.totals(store, viewers["admin"], chosen).readings == readings


def test_only_an_admin_narrows_by_person(store: Store, viewers: dict[str, Viewer]) -> None:
    bobs = HistoryFilter(usernames=("bob",))
    assert history.totals(store, viewers["scientist"], bobs).readings == 5
    assert history.totals(store, viewers["clinician"], bobs).readings == 3
    assert history.usernames(store, viewers["admin"]) == ["ann", "bob"]
    assert history.usernames(store, viewers["scientist"]) == []


def test_the_median_lies_between_the_two_in_the_middle(
    store: Store, viewers: dict[str, Viewer]
) -> None:
    four = HistoryFilter(statuses=(Status.CONFIDENT,))
    assert history.totals(store, viewers["admin"], four).median_ms == 6.0
    none = HistoryFilter(labels=("monocyte",))
    assert history.totals(store, viewers["admin"], none) == Totals(0, 0, 0, None)


def test_days_end_at_midnight_utc(store: Store, viewers: dict[str, Viewer]) -> None:
    assert history.by_day(store, viewers["admin"]) == [
        DayCount(date(2026, 3, 1), "ig", 1),
        DayCount(date(2026, 3, 1), "neutrophil", 1),
        DayCount(date(2026, 3, 2), "neutrophil", 3),
    ]


def test_confidences_fall_into_bins_that_hold_their_lower_end(
    store: Store, viewers: dict[str, Viewer]
) -> None:
    assert history.by_confidence(store, viewers["admin"]) == [
        ConfidenceCount(0.5, 0.55, "review", 1),
        ConfidenceCount(0.9, 0.95, "confident", 3),
        ConfidenceCount(0.95, 1.0, "confident", 1),
    ]


def test_bundles_people_and_corrections_are_counted(
    store: Store, viewers: dict[str, Viewer]
) -> None:
    admin = viewers["admin"]
    assert history.by_bundle(store, admin) == [
        GroupCount("first", 4, 1, 1),
        GroupCount("second", 1, 0, 0),
    ]
    assert history.by_user(store, admin) == [GroupCount("ann", 3, 1, 1), GroupCount("bob", 1, 0, 0)]
    assert set(history.corrections(store, admin)) == {
        Correction("ig", "neutrophil", 1),
        Correction("neutrophil", "neutrophil", 1),
    }


def test_what_is_referred_needs_review_too(
    store: Store, viewers: dict[str, Viewer], log: Any
) -> None:
    log(status=Status.REFERRED)
    referred = HistoryFilter(statuses=(Status.REFERRED,))
    assert history.totals(store, viewers["admin"]).need_review == 2
    assert history.totals(store, viewers["admin"], referred).readings == 1


@pytest.mark.parametrize("who", ["clinician", "scientist", "stranger"])
def test_only_an_admin_compares_people(store: Store, viewers: dict[str, Viewer], who: str) -> None:
    with pytest.raises(NotAllowedError, match="Only admins"):
        history.by_user(store, viewers[who])


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("who", ["admin", "clinician"])
def test_figures_are_read_from_an_index_alone(
    store: Store, viewers: dict[str, Viewer], figure: Callable[..., object], who: str
) -> None:
    viewer = replace(viewers[who], role="admin") if figure is history.by_user else viewers[who]
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            raw = connection.connection.driver_connection
            rows = raw.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(row[3] for row in rows if " readings" in row[3])

    event.listen(store.engine, "before_cursor_execute", explain)
    figure(
        store, viewer, HistoryFilter(date(2026, 3, 1), labels=("ig",), verdict=Verdict.CORRECTED)
    )
    assert plans
    assert all("USING COVERING INDEX ix_readings_" in plan for plan in plans), plans
