"""The cookie that no script reads, and the websocket that takes no session by its name."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from apps.browser_session import PATH, TICKET, OwnSessions, route
from core.access.handover import OWNERS, TICKETS
from core.access.sessions import COOKIE


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[route()]))


@pytest.mark.parametrize("origin", ["https://cells.example", "http://cells.example"])
def test_a_ticket_becomes_a_cookie_out_of_reach_for_scripts(
    client: TestClient, origin: str
) -> None:
    ticket = TICKETS.give("ey.token")
    answer = client.post(PATH, headers={TICKET: ticket, "origin": origin})
    told = answer.headers["set-cookie"].lower()
    assert answer.status_code == 204
    assert f"{COOKIE}=ey.token" in told and "httponly" in told and "samesite=strict" in told
    assert ("secure" in told) == origin.startswith("https")
    assert client.post(PATH, headers={TICKET: ticket}).status_code == 404


def test_the_cookie_is_taken_away(client: TestClient) -> None:
    told = client.delete(PATH, headers={TICKET: ""}).headers["set-cookie"]
    assert f'{COOKIE}=""' in told and "Max-Age=0" in told


@pytest.mark.parametrize("under", ["", "/a", "/a/b"])
def test_the_cookie_is_for_the_path_that_the_dashboard_lies_under(under: str) -> None:
    app = Starlette(routes=[route(under)])
    client = TestClient(app, base_url="https://cells.example")
    client.post(under + PATH, headers={TICKET: TICKETS.give("ey.token")})
    assert [cookie.path for cookie in client.cookies.jar] == [under or "/"]
    client.delete(under + PATH, headers={TICKET: ""})
    assert len(client.cookies.jar) == 0


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_another_sites_page_can_send_does_nothing(client: TestClient, method: str) -> None:
    answer = client.request(method, PATH)
    assert answer.status_code == 404 and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("cookie", "goes_on"),
    [
        (f"{COOKIE}=ey.own", True),
        (f"a=b; {COOKIE}=ey.own; c", True),
        (f"{COOKIE}=ey.another", False),
        ("a=b", False),
        ("", False),
    ],
)
def test_a_session_goes_on_with_its_cookie_alone(cookie: str, goes_on: bool) -> None:
    OWNERS.note("5e55", "ey.own")
    assert asked_for(["streamlit, xsrf, 5e55"], cookie) == [
        "streamlit, xsrf, 5e55" if goes_on else "streamlit, xsrf"
    ]
    for white in ("\xa0", "\x85", "\t", "\x1f"):
        named = f"streamlit, xsrf,{white}5e55{white}"
        assert asked_for([named], cookie) == [named if goes_on else "streamlit, xsrf"]
    assert asked_for(["streamlit, xsrf, none"], cookie) == ["streamlit, xsrf, none"]
    assert asked_for(["streamlit, xsrf"], cookie) == ["streamlit, xsrf"]


def asked_for(protocols: list[str], cookie: str) -> list[str]:
    """What the app is told of the protocols that a browser with a cookie asks for."""
    seen: list[str] = []

    async def app(scope: Any, *_: Any) -> None:
        seen.extend(
            v.decode("latin-1") for k, v in scope["headers"] if k == b"sec-websocket-protocol"
        )

    headers = [(b"cookie", cookie.encode())] if cookie else []
    headers += [(b"sec-websocket-protocol", words.encode("latin-1")) for words in protocols]
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers}
    asyncio.run(OwnSessions(app)(scope, None, None))  # type: ignore[arg-type]
    return seen
