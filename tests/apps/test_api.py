"""The REST interface as a program sees it: answers, refusals that say how to mend, the log."""

import asyncio
import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from apps.api import make_app
from apps.rest import example
from apps.rest.answers import unless_gone
from core.access import api_keys
from core.access.accounts import Account, Role
from core.access.throttle import Throttle
from core.analysis.batcher import Batcher
from core.analysis.intake import read_image
from core.analysis.prediction import Prediction
from core.analysis.predictor import open_predictor
from core.errors import BusyError, LogFailedError
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from tests.apps.conftest import Run

Headers = Callable[[Role], dict[str, str]]
BODY = {"image": example.CELL, "name": "cell.jpg"}


@pytest.fixture
def chosen(settings: Settings, models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings under which the bundle "tiny" answers."""
    monkeypatch.setenv("BLOODCELLS_MODELS_DIR", str(models_dir))
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    current_settings.cache_clear()
    return current_settings()


@pytest.fixture
def headers(store: Store, account: Callable[[Role], Account]) -> Headers:
    """The headers of a program that acts for the account of a role."""

    def of_role(role: Role) -> dict[str, str]:
        name = account(role).username
        return {"X-API-Key": api_keys.make(store, name, "test", role, "test")[1]}

    return of_role


@pytest.fixture
def client(chosen: Settings, store: Store) -> Iterator[TestClient]:
    """The running interface."""
    with TestClient(make_app(chosen), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def known(headers: Headers) -> dict[str, str]:
    """The headers of a clinician's program."""
    return headers(Role.CLINICIAN)


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem that a response carries, checked for its form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["request_id"] == response.headers["x-request-id"]
    return told


def without_time(answer: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k not in ("milliseconds", "name", "path")}


def test_one_image_gets_the_same_answer_at_every_door(
    client: TestClient, known: dict[str, str], chosen: Settings, cli: Run, tmp_path: Path
) -> None:
    predictor = open_predictor(chosen)
    (expected,) = predictor.predict([read_image("cell.jpg", example.JPEG, predictor.side_px)])
    (tmp_path / "cell.jpg").write_bytes(example.JPEG)
    cli("predict", tmp_path / "cell.jpg", "--json", tmp_path / "out.json")

    rest = client.post("/predict", json=BODY, headers=known).json()
    (form,) = client.post(
        "/v1/predict", files=[("files", ("cell.jpg", example.JPEG))], headers=known
    ).json()
    (line,) = json.loads((tmp_path / "out.json").read_text())

    carried = {field.name for field in fields(Prediction)}
    assert set(rest) == carried | {"reading_id"}
    assert set(line) == carried - {"name"} | {"path"}
    for answer in (rest, form):
        assert answer.pop("reading_id")
    expected_dict = json.loads(json.dumps(expected.to_dict()))
    for answer in (rest, form, line):
        assert without_time(answer) == without_time(expected_dict)


def test_an_answer_stands_in_the_log(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    answer = client.post("/predict", json=BODY, headers=known).json()
    reading = store.reading(answer["reading_id"])
    assert (reading.by, reading.source) == ("clinician", "api")
    assert (reading.answer.name, reading.answer.label) == ("cell.jpg", answer["label"])
    assert dict(reading.answer.probabilities) == answer["probabilities"]
    assert reading.answer.thumbnail


def test_a_data_url_is_taken_too(client: TestClient, known: dict[str, str]) -> None:
    url = {"image": f"data:image/jpeg;base64,{example.CELL}"}
    assert client.post("/predict", json=url, headers=known).status_code == 200


def test_many_files_are_answered_in_order_and_bad_ones_say_why(
    client: TestClient, known: dict[str, str]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.jpg", "b.jpg"):
            archive.writestr(name, example.JPEG)
    files = [("one.jpg", example.JPEG), ("no.png", b"words"), ("two.zip", packed.getvalue())]
    sent = [("files", file) for file in files]
    answers = client.post("/v1/predict", files=sent, headers=known).json()
    assert [answer["name"] for answer in answers] == ["one.jpg", "no.png", "a.jpg", "b.jpg"]
    assert "not an image" in answers[1]["error"]
    assert all("reading_id" in answer for answer in (answers[0], *answers[2:]))


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
    ):
        told = problem(client.request(method, path), 401)
        assert "X-API-Key" in told["detail"]
        problem(client.request(method, path, headers={"X-API-Key": "bcc_wrong"}), 401)


def test_a_revoked_key_is_refused_at_once(
    client: TestClient, known: dict[str, str], store: Store
) -> None:
    assert client.get("/v1/bundles", headers=known).status_code == 200
    api_keys.revoke(store, api_keys.list_keys(store)[0].id, "test")
    problem(client.get("/v1/bundles", headers=known), 401)


def test_the_history_shows_what_the_role_may_see(client: TestClient, headers: Headers) -> None:
    keys = {role: headers(role) for role in Role}
    for role in (Role.CLINICIAN, Role.ADMIN):
        client.post("/predict", json=BODY, headers=keys[role])

    def seen(role: Role, query: str = "") -> list[Any]:
        page = client.get(f"/v1/history{query}", headers=keys[role]).json()
        assert page["total"] == len(page["readings"])
        return [reading["by"] for reading in page["readings"]]

    assert seen(Role.CLINICIAN) == ["clinician"]
    assert seen(Role.SCIENTIST) == [None, None]
    assert seen(Role.ADMIN) == ["admin", "clinician"]
    assert seen(Role.ADMIN, "?username=clinician") == ["clinician"]
    assert seen(Role.ADMIN, "?verdict=Corrected") == []


def test_the_history_comes_in_pages(client: TestClient, known: dict[str, str]) -> None:
    ids = [client.post("/predict", json=BODY, headers=known).json()["reading_id"] for _ in "123"]
    page = client.get("/v1/history?per_page=2&page=2", headers=known).json()
    assert page["total"] == 3
    assert [reading["reading_id"] for reading in page["readings"]] == ids[:1]


def test_bundles_are_listed_with_their_cards(client: TestClient, known: dict[str, str]) -> None:
    (bundle,) = client.get("/v1/bundles", headers=known).json()
    assert (bundle["name"], bundle["answers"]) == ("tiny", True)
    assert bundle["card"]["architecture"] == "efficientnet_lite0"


def test_a_request_id_is_kept_or_made(client: TestClient) -> None:
    kept = client.get("/nowhere", headers={"X-Request-ID": "lis-42"})
    assert problem(kept, 404)["request_id"] == "lis-42"
    made = client.get("/nowhere", headers={"X-Request-ID": "<script>"})
    assert problem(made, 404)["request_id"] != "<script>"


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
        raise BusyError("Too many images wait for an answer. Try again in a moment.")

    monkeypatch.setattr(Batcher, "submit", full)
    response = client.post("/predict", json=BODY, headers=known)
    problem(response, 503)
    assert response.headers["retry-after"] == "1"


def test_what_was_not_logged_is_not_answered(
    client: TestClient, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LogFailedError("The answer was not logged and is not shown. The disk is full.")

    monkeypatch.setattr(Store, "log_each", fail)
    told = problem(client.post("/predict", json=BODY, headers=known), 503)
    assert "disk is full" in told["detail"]
    assert "label" not in told


def test_without_a_bundle_it_serves_what_it_can(
    chosen: Settings, store: Store, known: dict[str, str]
) -> None:
    none = chosen.model_copy(update={"bundle": "huge"})
    with TestClient(make_app(none)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/history", headers=known).status_code == 200
        told = problem(client.post("/predict", json=BODY, headers=known), 503)
        assert "No bundle named 'huge'" in told["detail"]
        assert "No bundle named 'huge'" in problem(client.get("/readyz"), 503)["detail"]


def test_it_is_ready_once_it_answered(client: TestClient, known: dict[str, str]) -> None:
    client.post("/predict", json=BODY, headers=known)
    assert client.get("/readyz").json() == {"status": "ready", "bundle": "tiny"}


def test_metrics_count_requests(client: TestClient) -> None:
    client.get("/healthz")
    told = client.get("/metrics").text
    assert 'http_requests_total{handler="/healthz",method="GET",status="200"} 1.0' in told
    assert "bloodcells_images_waiting 0.0" in told


def test_an_unforeseen_error_tells_no_secrets(
    client: TestClient, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("apps.rest.bundles.bundle_folders", fail)
    response = client.get("/v1/bundles", headers=known)
    assert "secret" not in response.text
    assert response.status_code == 500


class Leaving:
    """A request whose client leaves at once."""

    async def receive(self) -> dict[str, str]:
        return {"type": "http.disconnect"}


def test_a_client_that_leaves_frees_its_place() -> None:
    async def run() -> None:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        with pytest.raises(HTTPException, match="left"):
            await unless_gone(Leaving(), answer)  # type: ignore[arg-type]
        assert answer.cancelled()

    asyncio.run(run())
