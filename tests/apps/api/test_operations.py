"""What whoever runs REST relies on: ids, readiness, metrics, places that are freed."""

import asyncio
import shutil
from json import dumps
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from apps.api.app import make_app
from apps.api.predictions import unless_gone
from apps.api.problems import CLIENT_LEFT
from core.analysis.batcher import Batcher
from core.records.store import Store
from core.settings import Settings
from tests.apps.api.asking import BODY, problem
from tests.conftest import Logged


def test_a_request_id_is_kept_or_made(client: TestClient) -> None:
    kept = client.get("/nowhere", headers={"X-Request-ID": "lis-42"})
    assert problem(kept, 404)["request_id"] == "lis-42"
    made = client.get("/nowhere", headers={"X-Request-ID": "<script>"})
    assert problem(made, 404)["request_id"] != "<script>"


def test_without_a_bundle_it_serves_what_it_can(
    chosen: Settings, store: Store, known: dict[str, str]
) -> None:
    none = chosen.model_copy(update={"bundle": "huge"})
    with TestClient(make_app(none)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/history", headers=known).status_code == 200
        told = problem(client.post("/predict", json=BODY, headers=known), 503)
        assert "No model named 'huge'" in told["detail"]
        assert "No model named 'huge'" in problem(client.get("/readyz"), 503)["detail"]


def test_it_becomes_ready_when_the_bundle_comes(
    chosen: Settings, store: Store, models_dir: Path, tmp_path: Path
) -> None:
    empty = chosen.model_copy(update={"models_dir": tmp_path / "models"})
    with TestClient(make_app(empty)) as client:
        for _ in range(2):
            problem(client.get("/readyz"), 503)
        shutil.copytree(models_dir, tmp_path / "models")
        client.get("/readyz")  # which tries again
        client.app.state.service.answering.predictor()  # returns once it is open
        assert client.get("/readyz").json() == {"status": "ready", "bundle": "tiny"}


def test_it_is_ready_once_it_predicted(client: TestClient, known: dict[str, str]) -> None:
    client.post("/predict", json=BODY, headers=known)
    assert client.get("/readyz").json() == {"status": "ready", "bundle": "tiny"}


def test_metrics_count_requests(client: TestClient) -> None:
    client.get("/healthz")
    told = client.get("/metrics").text
    assert 'http_requests_total{handler="/healthz",method="GET",status="200"} 1.0' in told
    assert "bloodcells_images_waiting 0.0" in told


class Leaving:
    """A request whose client leaves at once."""

    async def receive(self) -> dict[str, str]:
        return {"type": "http.disconnect"}


def test_a_client_that_leaves_frees_its_place() -> None:
    async def run() -> None:
        result: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        with pytest.raises(HTTPException, match="left"):
            await unless_gone(Leaving(), result)  # type: ignore[arg-type]
        assert result.cancelled()

    asyncio.run(run())


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


def test_a_client_that_leaves_is_told_as_one_in_the_log_and_in_the_metrics(
    client: TestClient, known: dict[str, str], logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Batcher, "submit", _never)
    headers = {**known, "content-type": "application/json"}
    scope = {
        "type": "http", "method": "POST", "path": "/predict", "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    coming = [{"type": "http.disconnect"}, {"type": "http.request", "body": dumps(BODY).encode()}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    assert client.portal
    client.portal.call(client.app, scope, receive, send)
    assert sent[0]["status"] == CLIENT_LEFT
    lines = logged()
    assert [one["status"] for one in lines if one["event"] == "request"] == [CLIENT_LEFT]
    assert not [one for one in lines if one["event"] == "request_failed"]
    assert f'status="{CLIENT_LEFT}"' in client.get("/metrics").text
