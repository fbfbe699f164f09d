from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from apps.gate.headers import SecurityHeaders
from apps.gradio import app as gradio_app
from core.settings import Settings
from tests.apps.gate.asked import Inside, ask, http


def assert_told(headers: dict[str, str]) -> None:
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_every_answer_of_the_dashboard_tells_the_browser(dashboard: TestClient) -> None:
    for path in ("/", "/_stcore/health", "/predict", "/nothing/here"):
        assert_told(dict(dashboard.get(path).headers))


def test_every_answer_of_rest_tells_the_browser(client: TestClient) -> None:
    for path in ("/healthz", "/docs", "/v1/history", "/nothing"):
        assert_told(dict(client.get(path).headers))


def test_every_answer_of_gradio_tells_the_browser(chosen: Settings) -> None:
    with TestClient(gradio_app.make_app(chosen), follow_redirects=False) as page:
        for path in ("/", "/login", "/gradio_api/queue/join"):
            assert_told(dict(page.get(path).headers))


def test_what_an_answer_says_by_itself_stays() -> None:
    said = (b"content-security-policy", b"default-src 'self'")

    async def strict(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [said]})

    (start,) = ask(SecurityHeaders(strict), http())
    assert [pair for pair in start["headers"] if pair[0] == said[0]] == [said]


def test_what_the_operator_names_may_frame_it() -> None:
    (start, _) = ask(SecurityHeaders(Inside(), ("https://portal.example",)), http())
    told = dict(start["headers"])
    assert told[b"content-security-policy"] == b"frame-ancestors 'self' https://portal.example"
