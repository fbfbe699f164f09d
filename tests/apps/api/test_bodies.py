"""A caller without a key is answered before its body is read; bodies are short, or refused."""

import base64
import tracemalloc
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from apps.api import frame, route
from apps.api.app import make_app
from apps.api.predictions import decoded
from core.analysis.limits import MB
from core.records.store import Store
from core.settings import Settings
from tests.apps.api.asking import BODY, problem

JSON = {"content-type": "application/json"}


class Unread:
    """A body that notes how much of it was asked for."""

    def __init__(self, chunk: bytes, count: int) -> None:
        self._chunk, self._left, self.read = chunk, count, 0

    async def __call__(self) -> Message:
        self.read += len(self._chunk)
        self._left -= 1
        return {"type": "http.request", "body": self._chunk, "more_body": self._left > 0}


async def answer(app: Any, path: str, headers: dict[str, str], body: Unread) -> int:
    """The status of an answer to a request given as ASGI gives it."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
    }
    await app(scope, body, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("path", ["/predict", "/v1/predict", "/v1/predict/base64"])
@pytest.mark.parametrize("key", [{}, {"X-API-Key": "bcc_wrong"}])
def test_without_a_key_no_byte_of_the_body_is_read(
    client: TestClient, path: str, key: dict[str, str]
) -> None:
    body = Unread(b"[" * MB, 50)
    status = client.portal.call(answer, client.app, path, JSON | key, body)
    assert (status, body.read) == (401, 0)


def test_a_json_body_ends_where_no_image_can_be_longer(
    client: TestClient, known: dict[str, str], chosen: Settings
) -> None:
    body = Unread(b"A" * MB, 90)
    status = client.portal.call(answer, client.app, "/predict", JSON | known, body)
    assert status == 413
    assert body.read <= (chosen.max_upload_mb * 4 / 3 + 3) * MB


def test_a_body_that_says_that_it_is_too_long_is_not_read(
    client: TestClient, known: dict[str, str], chosen: Settings
) -> None:
    body = Unread(b"A" * MB, 1)
    length = {"content-length": str(chosen.api_max_body_mb * MB + 1)}
    status = client.portal.call(answer, client.app, "/v1/predict", known | length, body)
    assert (status, body.read) == (413, 0)


def test_base64_in_many_pieces_takes_no_more_than_in_one() -> None:
    text = "AAAA " * MB
    tracemalloc.start()
    data = decoded(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(data) == 3 * MB
    assert peak < 3 * len(text)


def test_the_largest_image_in_base64_fits(client: TestClient, known: dict[str, str]) -> None:
    data = base64.b64encode(bytes(20 * MB))
    lines = b"\\n".join(data[n : n + 76] for n in range(0, len(data), 76))
    sent = b'{"image": "' + lines + b'"}'
    told = problem(client.post("/predict", content=sent, headers=JSON | known), 422)
    assert "not an image" in told["detail"]


@pytest.mark.parametrize("parts", [b"[", b"{},", b"1,", rb"\n"])
def test_json_of_many_parts_is_refused_unparsed(
    client: TestClient, known: dict[str, str], parts: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "json", None)
    response = client.post("/predict", content=b"[" + parts * MB, headers=JSON | known)
    told = problem(response, 422)
    assert "errors" not in told  # which a form that was looked at has


def test_broken_json_is_a_wrong_form(client: TestClient, known: dict[str, str]) -> None:
    response = client.post("/predict", content=b'{"image"', headers=JSON | known)
    assert problem(response, 422)["errors"]


def test_all_bodies_together_are_bounded(
    chosen: Settings, store: Store, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "LARGEST_AT_ONCE", 0.5)
    small = chosen.model_copy(update={"api_max_body_mb": 2})
    with TestClient(make_app(small)) as client:
        response = client.post("/predict", content=b"A" * (MB + MB // 2), headers=JSON | known)
        problem(response, 503)
        assert response.headers["retry-after"]
        assert client.post("/predict", json=BODY, headers=known).status_code == 200
