"""The history as a CSV file: the one that the page gives, for whom the key speaks."""

import csv
import io
from typing import Any

from fastapi.testclient import TestClient

from core.access import accounts, exports, labels
from core.access.accounts import Account, Role
from core.records import audit
from core.records.history.filter import HistoryFilter, Verdict
from core.records.spreadsheet import csv_file
from core.records.store import Store
from tests.apps.api.asking import BODY, Headers, problem

PATH = "/v1/history.csv"


def account_of(store: Store, role: Role) -> Account:
    found = accounts.find_by_username(store, role)
    assert found
    return found


def rows(client: TestClient, headers: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"{PATH}{query}", headers=headers)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_it_is_the_file_that_the_page_exports(
    client: TestClient, headers: Headers, store: Store
) -> None:
    for role in Role:
        key = headers(role)
        number = client.post("/predict", json=BODY, headers=key).json()["reading_id"]
        labels.give(store, account_of(store, role), number, "ig")
        answer = client.get(PATH, headers=key)
        by = account_of(store, role)
        assert answer.text == csv_file(exports.history_csv(store, by, HistoryFilter()))
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="readings.csv"'


def test_a_person_s_label_stands_beside_the_prediction(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    said = client.post("/predict", json=BODY, headers=known).json()
    other = "ig" if said["label"] != "ig" else "monocyte"
    labels.give(store, account_of(store, Role.CLINICIAN), said["reading_id"], other)
    (row,) = rows(client, known)
    assert (row["prediction"], row["person_label"]) == (said["label"], other)
    assert (row["final_class"], row["person_label_by"]) == (other, "clinician")
    assert row["person_label_at"].endswith("+00:00")


def test_it_is_narrowed_and_the_trail_says_which_key_took_it(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    client.post("/predict", json=BODY, headers=known)
    assert len(rows(client, known, "?verdict=unreviewed")) == 1
    assert rows(client, known, "?verdict=corrected") == []
    taken = audit.entries(store, action="history_exported")
    assert [entry.details["verdict"] for entry in taken] == [Verdict.CORRECTED, Verdict.NONE]
    assert {(entry.actor, entry.subject) for entry in taken} == {("clinician", "API key 1")}


def test_it_has_no_pages(client: TestClient, known: dict[str, str], store: Store) -> None:
    told = problem(client.get(f"{PATH}?page=2", headers=known), 422)
    assert [error["field"] for error in told["errors"]] == ["query.page"]
    assert audit.entries(store, action="history_exported") == []
