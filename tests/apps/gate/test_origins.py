import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import net_util

from apps.gate.origins import Origins
from tests.apps.gate.asked import Inside, ask, http, websocket

FOREIGN = [
    "https://evil.example",
    "null",
    "https://cells.example.evil.example",
    "https://evilcells.example",
    "http://[half",
]
PORTAL = "https://portal.example"


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def gate(inside: Inside) -> Origins:
    return Origins(inside, allowed=(PORTAL,), exempt=("/api/",))


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_websocket_of_another_sites_page_is_refused(
    gate: Origins, inside: Inside, origin: str
) -> None:
    (answer,) = ask(gate, websocket(origin=origin), {"type": "websocket.connect"})
    assert (answer["type"], answer["code"]) == ("websocket.close", 1008)
    assert not inside.scopes


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_sites_page_changes_nothing(gate: Origins, inside: Inside, origin: str) -> None:
    assert ask(gate, http("PUT", "/_stcore/upload_file/a/b", origin=origin))[0]["status"] == 403
    assert not inside.scopes


@pytest.mark.parametrize("origin", FOREIGN)
def test_what_another_sites_page_asks_for_comes_without_its_origin(
    gate: Origins, inside: Inside, origin: str
) -> None:
    assert ask(gate, http(origin=origin))[0]["status"] == 200
    assert inside.origin() is None


def test_an_origin_of_no_host_is_not_that_of_a_request_to_none(
    gate: Origins, inside: Inside
) -> None:
    assert ask(gate, http("PUT", host="", origin="null"))[0]["status"] == 403
    assert not inside.scopes


@pytest.mark.parametrize("origin", ["https://cells.example", "https://CELLS.example"])
def test_ones_own_page_comes_through(gate: Origins, inside: Inside, origin: str) -> None:
    ask(gate, websocket(origin=origin), {"type": "websocket.connect"})
    ask(gate, http("PUT", origin=origin))
    assert [scope["type"] for scope in inside.scopes] == ["websocket", "http"]


def test_a_program_that_tells_no_origin_comes_through(gate: Origins, inside: Inside) -> None:
    ask(gate, websocket(), {"type": "websocket.connect"})
    assert inside.scopes


def test_an_origin_that_the_operator_names_counts_as_ones_own(
    gate: Origins, inside: Inside
) -> None:
    ask(gate, websocket(origin=PORTAL), {"type": "websocket.connect"})
    assert inside.origin() == b"https://cells.example"


def test_rest_asks_for_a_key_and_not_whose_page_it_is(gate: Origins, inside: Inside) -> None:
    ask(gate, http("POST", "/api/predict", origin=FOREIGN[0]))
    assert inside.scopes


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that Streamlit asked for this machine's own."""
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_external_ip", None)
    monkeypatch.setattr(
        net_util, "_make_blocking_http_get", lambda url, timeout=5: asked.append(url)
    )
    return asked


def test_streamlit_calls_no_address_for_a_foreign_origin(
    called: list[str], dashboard: TestClient
) -> None:
    for origin in FOREIGN:
        headers = {"origin": origin}
        with (
            pytest.raises(WebSocketDisconnect),
            dashboard.websocket_connect("/_stcore/stream", headers=headers),
        ):
            pass
        assert dashboard.get("/_stcore/health", headers=headers).status_code == 200
    assert not called
