"""Verdicts stand in the log and in the audit trail, both or neither, about what one may see."""

from collections.abc import Callable

import pytest

from core.access import exports, labels
from core.access.accounts import Account, Role
from core.errors import RecordError
from core.records import audit, label_marks
from core.records.history.filter import HistoryFilter
from core.records.label_marks import Doubt
from core.records.store import Store
from core.taxonomy import KEYS
from tests.threads import at_once

GetAccount = Callable[[Role], Account]
Log = Callable[..., int]


def trail(store: Store) -> list[tuple[str, str, str]]:
    """Newest first."""
    return [(entry.actor, entry.action, entry.subject) for entry in audit.entries(store)]


def test_a_label_and_its_undoing_stand_in_the_trail(
    store: Store, account: GetAccount, log: Log
) -> None:
    clinician = account(Role.CLINICIAN)
    reading_id = log(clinician.id)
    labels.give(store, clinician, reading_id, "ig")
    assert store.reading(reading_id).person_label == "ig"
    assert labels.take_back(store, clinician, reading_id) is None
    assert trail(store)[:2] == [
        ("clinician", "label_taken_back", f"reading {reading_id}"),
        ("clinician", "label_given", f"reading {reading_id}"),
    ]
    given = audit.entries(store)[1].details
    assert (given["label"], given["model"]) == ("ig", "neutrophil")


def test_what_was_never_said_is_not_taken_back(store: Store, account: GetAccount, log: Log) -> None:
    clinician = account(Role.CLINICIAN)
    reading_id = log(clinician.id)
    before = trail(store)
    assert labels.take_back(store, clinician, reading_id) is None
    assert trail(store) == before


def test_a_clinician_judges_only_their_own_readings(
    store: Store, account: GetAccount, log: Log
) -> None:
    reading_id = log(account(Role.ADMIN).id)
    with pytest.raises(RecordError):
        labels.give(store, account(Role.CLINICIAN), reading_id, "ig")
    labels.give(store, account(Role.SCIENTIST), reading_id, "ig")
    assert store.reading(reading_id).person_label == "ig"


def test_a_label_that_cannot_be_written_leaves_no_entry(store: Store, account: GetAccount) -> None:
    clinician = account(Role.CLINICIAN)
    before = trail(store)
    with pytest.raises(RecordError):
        labels.give(store, clinician, 7, "ig")
    assert trail(store) == before


def test_what_is_no_class_is_no_label(store: Store, account: GetAccount, log: Log) -> None:
    clinician = account(Role.CLINICIAN)
    reading_id = log(clinician.id)
    before = trail(store)
    with pytest.raises(RecordError):
        labels.give(store, clinician, reading_id, "sunflower")
    assert store.reading(reading_id).labels == ()
    assert trail(store) == before


def test_what_an_older_model_said_can_be_confirmed(
    store: Store, account: GetAccount, log: Log
) -> None:
    clinician = account(Role.CLINICIAN)
    reading_id = log(clinician.id, label="stab")
    labels.give(store, clinician, reading_id, "stab")
    assert store.reading(reading_id).person_label == "stab"


def test_people_label_one_reading_at_once_and_the_last_counts(
    store: Store, account: GetAccount, log: Log
) -> None:
    clinician = account(Role.CLINICIAN)
    reading_id = log(clinician.id)
    at_once(len(KEYS), lambda n: labels.give(store, clinician, reading_id, KEYS[n]))
    found = store.reading(reading_id)
    assert sorted(label.label for label in found.labels) == sorted(KEYS)
    assert found.person_label == found.labels[-1].label
    assert len(audit.entries(store, action="label_given")) == len(KEYS)


def test_a_mark_stands_in_the_trail(store: Store, account: GetAccount) -> None:
    doubt = Doubt("ab" * 32, "monocyte/MO_1.jpg", "monocyte", "lymphocyte")
    labels.mark(store, account(Role.SCIENTIST), doubt, "wrong")
    assert label_marks.marks(store)[doubt.key].by == "scientist"
    assert trail(store)[0] == ("scientist", "label_marked", "ab" * 32)


def test_an_export_stands_in_the_trail_with_what_it_was_narrowed_to(
    store: Store, account: GetAccount, log: Log
) -> None:
    log(account(Role.CLINICIAN).id)
    chosen = HistoryFilter(labels=["neutrophil"])
    lines = list(exports.history_csv(store, account(Role.CLINICIAN), chosen))
    assert len(lines) == 2
    (entry,) = audit.entries(store, action="history_exported")
    assert (entry.actor, entry.details) == ("clinician", {"labels": ["neutrophil"]})
