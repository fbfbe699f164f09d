"""All gates stand in front of the dashboard as it is served."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from streamlit.runtime import Runtime
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from apps import retention, server, shutdown, start
from apps.browser_session import OwnSessions
from apps.gate import sockets, uploads
from core import logs
from core.access import sessions
from core.access.accounts import Account, Role
from core.analysis.limits import MB
from core.settings import Settings
from tests.apps.gate.asked import Inside, ask, http, received, websocket

FOREIGN, PORTAL = "https://evil.example", "https://portal.example"
UPLOAD = "/_stcore/upload_file/s/f"
FROM_STREAMLIT = 403  # behind the gates: no token of a page came along


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def gated(settings: Settings, inside: Inside) -> ASGIApp:
    """An application behind the gates of a dashboard under ``/cells``."""
    app: ASGIApp = inside
    chosen = settings.model_copy(update={"base_path": "/cells", "allowed_origins": PORTAL})
    for gate in reversed(server._gates(chosen)):
        app = gate.cls(app, *gate.args, **gate.kwargs)
    return app


@pytest.fixture
def signed_in(settings: Settings, account: Callable[[Role], Account]) -> str:
    """The cookie of somebody's session."""
    return f"{sessions.COOKIE}={sessions.issue(account(Role.CLINICIAN), settings)}"


def test_another_sites_page_is_refused_and_one_that_is_named_comes_through(
    gated: ASGIApp, inside: Inside
) -> None:
    refused, *_ = ask(gated, http("PUT", "/cells/page", origin=FOREIGN))
    assert refused["status"] == 403
    assert dict(refused["headers"])[b"x-content-type-options"] == b"nosniff"
    assert not inside.scopes
    told, *_ = ask(gated, http("PUT", "/cells/page", origin=PORTAL))
    assert PORTAL.encode() in dict(told["headers"])[b"content-security-policy"]


@pytest.mark.parametrize("path", ["/cells/api/predict", "/api/predict"])
def test_rest_asks_for_a_key_and_not_whose_page_it_is(
    gated: ASGIApp, inside: Inside, path: str
) -> None:
    assert ask(gated, http("POST", path, origin=FOREIGN))[0]["status"] == 200
    assert [scope["path"] for scope in inside.scopes] == ["/cells/api/predict"]


def test_a_stranger_sends_little_through_a_websocket(
    gated: ASGIApp, monkeypatch: pytest.MonkeyPatch, signed_in: str
) -> None:
    monkeypatch.setattr(sockets, "LARGE_MB", 0)
    large = received(sockets.SMALL_BYTES + 1)
    for cookie in ("", f"{sessions.COOKIE}=forged"):
        (close,) = ask(gated, websocket(cookie=cookie), large)
        assert (close["type"], close["code"]) == ("websocket.close", 1008)
    assert ask(gated, websocket(cookie=signed_in), large) == []


def test_what_strangers_hold_already_keeps_them_from_uploading(
    dashboard: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, signed_in: str
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_BY_STRANGERS", 1)
    assert dashboard.put(UPLOAD, content=iter([b"x"])).status_code == 411
    assert dashboard.put(UPLOAD, content=b"x").status_code == FROM_STREAMLIT
    held = UploadedFileRec("f", "a.png", "image/png", bytes(settings.max_upload_mb * MB))
    Runtime.instance().uploaded_file_mgr.add_file("s", held)
    assert dashboard.put(UPLOAD, content=b"x").status_code == 503
    member = dashboard.put(UPLOAD, content=b"x", headers={"cookie": signed_in})
    assert member.status_code == FROM_STREAMLIT


def test_a_session_goes_on_with_its_cookie_alone_where_it_is_served(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[ASGIApp] = []
    monkeypatch.setattr(logs, "set_up", lambda *_: None)
    monkeypatch.setattr(start, "check", lambda *_: None)
    monkeypatch.setattr(retention, "start", lambda _: None)
    monkeypatch.setattr(shutdown, "serve", lambda app, *_: served.append(app))
    server.main()
    assert [type(app) for app in served] == [OwnSessions]
