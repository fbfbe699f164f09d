"""What REST refuses, and how it says what would mend it."""

import base64
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from apps.api.app import main, make_app
from core.access import accounts, api_keys
from core.access.accounts import Role
from core.access.throttle import Throttle
from core.analysis.batcher import Batcher
from core.errors import BusyError, LogFailedError
from core.records.store import Store
from core.settings import Settings
from tests.apps.api.asking import BODY, Headers, problem


@pytest.mark.parametrize(
    ("image", "detail"),
    [
        ("!!", "not base64"),
        (base64.b64encode(b"words").decode(), "not an image"),
        ("data:image/png;base64,", "is empty"),
    ],
)
def test_an_image_that_cannot_be_read_says_how_to_mend_it(
    client: TestClient, known: dict[str, str], image: str, detail: str
) -> None:
    told = problem(client.post("/predict", json={"image": image}, headers=known), 422)
    assert detail in told["detail"]


def test_a_wrong_form_names_its_fields(client: TestClient, known: dict[str, str]) -> None:
    told = problem(client.post("/predict", json={}, headers=known), 422)
    assert told["errors"] == [{"field": "body.image", "message": "Field required"}]
    told = problem(client.get("/v1/history?page=0&colour=red", headers=known), 422)
    assert {e["field"] for e in told["errors"]} == {"query.page", "query.colour"}


def test_without_a_key_nothing_opens(client: TestClient, store: Store) -> None:
    for method, path in (
        ("POST", "/predict"),
        ("POST", "/v1/predict"),
        ("GET", "/v1/bundles"),
        ("GET", "/v1/history"),
        ("GET", "/v1/history.csv"),
    ):
        told = problem(client.request(method, path), 401)
        assert "X-API-Key" in told["detail"]
        problem(client.request(method, path, headers={"X-API-Key": "bcc_wrong"}), 401)


def test_a_revoked_key_is_refused_at_once(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    assert client.get("/v1/bundles", headers=known).status_code == 200
    api_keys.revoke(store, api_keys.list_keys(store)[0].id, accounts.COMMAND_LINE)
    problem(client.get("/v1/bundles", headers=known), 401)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_ended(
    chosen: Settings, store: Store, known: dict[str, str], chunked: bool
) -> None:
    small = chosen.model_copy(update={"api_max_body_mb": 1})
    piece = b"x" * 300_000

    def pieces() -> Iterator[bytes]:
        yield from [piece] * 4

    with TestClient(make_app(small), raise_server_exceptions=False) as client:
        content = pieces() if chunked else piece * 4
        told = problem(client.post("/predict", content=content, headers=known), 413)
    assert "larger than 1 MB" in told["detail"]


def test_a_key_that_asks_too_often_has_to_wait(
    chosen: Settings, store: Store, known: dict[str, str], headers: Headers
) -> None:
    slow = chosen.model_copy(update={"api_rate": 2})
    app = make_app(slow)
    app.state.throttle = Throttle(2, 3600)  # no test should race the clock
    with TestClient(app) as client:
        for _ in range(2):
            assert client.get("/v1/bundles", headers=known).status_code == 200
        response = client.get("/v1/bundles", headers=known)
        assert "2 requests a second" in problem(response, 429)["detail"]
        assert int(response.headers["retry-after"]) > 0
        other = headers(Role.SCIENTIST)
        assert client.get("/v1/bundles", headers=other).status_code == 200


def test_a_full_queue_says_when_to_come_back(
    client: TestClient, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise BusyError("Too many images wait for a prediction. Try again in a moment.")

    monkeypatch.setattr(Batcher, "submit", full)
    response = client.post("/predict", json=BODY, headers=known)
    problem(response, 503)
    assert response.headers["retry-after"] == "1"


def test_what_was_not_logged_is_not_given_out(
    client: TestClient, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LogFailedError("The prediction was not logged and is not shown. The disk is full.")

    monkeypatch.setattr(Store, "log", fail)
    told = problem(client.post("/predict", json=BODY, headers=known), 503)
    assert "disk is full" in told["detail"]
    assert "label" not in told


def test_an_unforeseen_error_tells_no_secrets(
    client: TestClient, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("apps.api.bundles.found_bundles", fail)
    response = client.get("/v1/bundles", headers=known)
    assert "secret" not in response.text
    assert response.status_code == 500


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("label=bogus", "no class bogus; there are basophil"),
        ("since=2026-02-02&until=2026-02-01", "since lies after until"),
    ],
)
def test_a_filter_that_can_find_nothing_is_refused(
    client: TestClient, known: dict[str, str], query: str, said: str
) -> None:
    told = problem(client.get(f"/v1/history?{query}", headers=known), 422)
    assert said in told["errors"][0]["message"]


@pytest.mark.parametrize("path", ["history", "history.csv"])
def test_only_admins_may_ask_by_username(
    client: TestClient, known: dict[str, str], path: str
) -> None:
    told = problem(client.get(f"/v1/{path}?username=bob", headers=known), 403)
    assert "admins" in told["detail"]


def test_a_damaged_database_ends_the_start_in_words(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.state_dir.mkdir(parents=True)
    (settings.state_dir / "app.db").write_bytes(b"no database at all " * 500)
    with pytest.raises(SystemExit, match="This file is no database"):
        main()


def test_a_database_that_is_damaged_meanwhile_is_told(
    client: TestClient, known: dict[str, str], chosen: Settings
) -> None:
    client.app.state.service.store.close()
    (chosen.state_dir / "app.db").write_bytes(b"no database at all " * 5000)
    for path in ("/v1/history", "/v1/bundles", "/readyz"):
        assert "restore" in problem(client.get(path, headers=known), 503)["detail"]
