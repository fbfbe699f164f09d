"""The trail: newest first, narrowed, and never apart from the deed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.records import audit
from core.records.store import Store
from core.records.tables import AuditRow


def record(store: Store, *told: Any) -> None:
    with store.write() as session:
        audit.add(session, *told)


def test_entries_come_newest_first_and_narrowed(store: Store) -> None:
    record(store, "ann", "account_added", "bob", {"role": "admin"})
    record(store, "ann", "signed_in")
    record(store, "bob", "signed_in")
    assert [entry.actor for entry in audit.entries(store)] == ["bob", "ann", "ann"]
    (added,) = audit.entries(store, actor="ann", action="account_added")
    assert (added.subject, added.details) == ("bob", {"role": "admin"})
    assert added.at.tzinfo is UTC
    assert [entry.actor for entry in audit.entries(store, limit=1, offset=1)] == ["ann"]


def test_details_are_told_in_words() -> None:
    told = {"keep_images_days": 30, "status": ["review", "referred"], "before": None}
    words = audit.details_in_words(told)
    assert words == "keep images days: 30; status: review, referred; before: none"
    assert audit.details_in_words({}) == ""


def test_entries_since_a_moment(store: Store) -> None:
    record(store, "ann", "old")
    with store.write() as session:
        session.get_one(AuditRow, 1).created_at = datetime(2020, 1, 1, tzinfo=UTC)
    record(store, "ann", "new")
    since = datetime(2021, 1, 1, tzinfo=UTC)
    assert [entry.action for entry in audit.entries(store, since=since)] == ["new"]


def test_an_entry_goes_with_the_deed_that_failed(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        audit.add(session, "ann", "divided")
        raise ZeroDivisionError
    assert audit.entries(store) == []


@pytest.mark.parametrize(
    ("code", "shown"),
    [("model_put_into_use", "Model put into use"), ("api_key_made", "API key made")],
)
def test_a_code_is_shown_in_words(code: str, shown: str) -> None:
    assert audit.in_words(code) == shown
