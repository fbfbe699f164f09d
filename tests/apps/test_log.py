"""What the log tells of each door, and that it holds nothing of anybody."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest

from apps.api import example
from apps.api.app import make_app
from apps.gradio.desk import Desk
from core.access import accounts, api_keys
from core.access.accounts import Account, Role
from core.access.rows import COMMAND_LINE
from core.records.store import Store
from core.settings import ROOT, Settings
from tests.apps.gradio.visitor import Visitor
from tests.conftest import Logged

MARK = "marker7731"  # in everything that a person or a program hands in
PASSWORD = f"{MARK} correct horse"


@pytest.fixture
def marked(store: Store) -> Account:
    """An account whose name is the mark."""
    return accounts.create(store, MARK, MARK, Role.CLINICIAN, PASSWORD)


def fail(*_: object, **__: object) -> Any:
    raise ZeroDivisionError(MARK)


def events(lines: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event]


def test_each_request_is_told_by_route_outcome_and_account(
    client: TestClient, marked: Account, store: Store, logged: Logged
) -> None:
    secret = api_keys.make(store, MARK, MARK, Role.CLINICIAN, COMMAND_LINE)[1]
    key = {"X-API-Key": secret, "X-Request-ID": "lis-42"}
    body = {"image": example.CELL, "name": f"{MARK}.jpg"}
    client.post("/predict", json=body, headers=key)
    client.post(f"/predict?profile={MARK}", json={"image": MARK}, headers=key)
    client.post("/v1/predict", files=[("files", (f"{MARK}.png", b"words"))], headers=key)
    client.get("/v1/history", headers={"X-API-Key": f"bcc_{MARK}", "X-Request-ID": f"<{MARK}>"})
    client.get(f"/{MARK}", headers={"Cookie": f"session={MARK}"})

    lines = logged()
    assert all(line["ms"] > 0 for line in events(lines, "request"))
    told = [
        (one["method"], one["route"], one["status"], one.get("account_id"))
        for one in events(lines, "request")
    ]
    assert told == [
        ("POST", "/predict", 200, marked.id),
        ("POST", "/predict", 422, marked.id),
        ("POST", "/v1/predict", 200, marked.id),
        ("GET", "/v1/history", 401, None),
        ("GET", None, 404, None),
    ]
    ids = [one["request_id"] for one in events(lines, "request")]
    assert ids[:3] == ["lis-42"] * 3
    assert len(set(ids)) == 3
    assert MARK not in json.dumps(lines)
    assert secret not in json.dumps(lines)


def test_what_fails_is_told_once_under_the_id_that_the_caller_reads(
    client: TestClient,
    marked: Account,
    store: Store,
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = api_keys.make(store, MARK, MARK, Role.CLINICIAN, COMMAND_LINE)[1]
    monkeypatch.setattr("apps.api.bundles.found_bundles", fail)
    response = client.get("/v1/bundles", headers={"X-API-Key": secret})

    (failure,) = [line for line in logged() if line["level"] == "error"]
    assert failure["event"] == "request_failed"
    assert (
        failure["request_id"] == response.json()["request_id"] == response.headers["x-request-id"]
    )
    assert failure["account_id"] == marked.id
    assert failure["exception"].endswith("ZeroDivisionError")
    assert "list_bundles" in failure["exception"]
    assert MARK not in json.dumps(logged())


def test_refused_sign_ins_are_told_by_account(
    visitor: Visitor, marked: Account, chosen: Settings, logged: Logged
) -> None:
    visitor.sign_in(f"not-{MARK}", PASSWORD)
    for _ in range(chosen.lockout_attempts):
        visitor.sign_in(MARK, f"wrong {MARK}")
    visitor.sign_in(MARK, PASSWORD)

    told = [(line["event"], line["account_id"]) for line in logged()]
    assert told == [
        ("sign_in_failed", "unknown"),
        *[("sign_in_failed", marked.id)] * (chosen.lockout_attempts - 1),
        ("locked_out", marked.id),
        ("sign_in_failed", marked.id),
    ]
    assert MARK not in json.dumps(logged())


def test_gradio_tells_its_failures_and_nothing_of_what_was_handed_in(
    visitor: Visitor, marked: Account, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.sign_in(MARK, PASSWORD)
    visitor.hand_in(example.JPEG, f"{MARK}.jpg")
    monkeypatch.setattr(Desk, "predict", fail)
    with pytest.raises(AssertionError):
        visitor.hand_in(example.JPEG, f"{MARK}.jpg")

    (failure,) = [line for line in logged() if line["level"] == "error"]
    assert (failure["event"], failure["handler"]) == ("page_failed", "predict")
    assert MARK not in json.dumps(logged())


def test_a_page_tells_its_failures_and_nothing_of_what_was_typed(
    chosen: Settings, marked: Account, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = AppTest.from_file(ROOT / "Home.py", default_timeout=60).run()
    for username, password in (
        (f"not-{MARK}", PASSWORD),
        (MARK, f"wrong {MARK}"),
        (MARK, PASSWORD),
    ):
        app.text_input[0].set_value(username)
        app.text_input[1].set_value(password)
        app.button[0].click().run()
    monkeypatch.setattr("pages.components.home.tiles.draw", fail)
    app.run()

    refused = [line["account_id"] for line in events(logged(), "sign_in_failed")]
    assert refused == ["unknown", marked.id]
    (failure,) = [line for line in logged() if line["level"] == "error"]
    assert failure["logger"] == "streamlit.error_util"
    assert failure["account_id"] == marked.id
    assert failure["request_id"]
    assert failure["exception"].endswith("ZeroDivisionError")
    assert MARK not in json.dumps(logged())


def test_a_start_and_an_end_are_told_with_the_version(
    chosen: Settings, store: Store, logged: Logged
) -> None:
    with TestClient(make_app(chosen)):
        pass
    told = [(line["event"], line["process"], line["version"]) for line in logged()]
    assert told == [("started", "api", "0.1.0"), ("stopped", "api", "0.1.0")]
