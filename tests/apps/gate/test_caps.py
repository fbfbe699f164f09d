"""What strangers and sessions may send to pages."""

from collections import Counter

import pytest
from starlette.types import Receive, Scope, Send

from apps.gate import sockets, uploads
from apps.gate.sockets import SocketCaps
from apps.gate.uploads import UploadCaps
from core.analysis.limits import MB
from tests.apps.gate.asked import Inside, ask, http, websocket

LARGEST = 20
SIGNED_IN = {"cookie": "signed=in"}


async def known(scope: Scope) -> bool:
    return b"signed=in" in dict(scope["headers"]).get(b"cookie", b"")


class Page:
    """A server that keeps what is uploaded, as Streamlit does."""

    def __init__(self) -> None:
        self.held = Counter[str]()
        self.gate = UploadCaps(Inside(), LARGEST, lambda: dict(self.held), known)

    def upload(self, session: str, megabytes: float, **headers: str) -> int:
        length = int(megabytes * MB)
        path = f"/_stcore/upload_file/{session}/f{self.held.total()}"
        asked = http("PUT", path, content_length=str(length), **headers)
        status = int(ask(self.gate, asked)[0]["status"])
        self.held[session] += length if status == 200 else 0
        return status


@pytest.fixture
def page() -> Page:
    return Page()


def test_strangers_together_may_upload_a_little(page: Page) -> None:
    told = [page.upload(f"s{n}", LARGEST) for n in range(uploads.LARGEST_BY_STRANGERS + 2)]
    assert told == [200] * uploads.LARGEST_BY_STRANGERS + [503] * 2
    assert page.upload("mine", LARGEST, **SIGNED_IN) == 200
    page.held.clear()  # their pages are closed
    assert page.upload("next", LARGEST) == 200


def test_who_signs_in_is_no_stranger_any_more(page: Page) -> None:
    for _ in range(uploads.LARGEST_BY_STRANGERS):
        page.upload("one", LARGEST)
    assert page.upload("other", 1) == 503
    assert page.upload("one", 1, **SIGNED_IN) == 200
    assert page.upload("other", 1) == 200


def test_a_session_holds_only_so_much(page: Page) -> None:
    told = [page.upload("one", LARGEST, **SIGNED_IN) for _ in range(uploads.LARGEST_BY_SESSION + 1)]
    assert told == [200] * uploads.LARGEST_BY_SESSION + [413]
    assert page.upload("other", LARGEST, **SIGNED_IN) == 200


def test_an_upload_says_how_long_it_is(page: Page) -> None:
    assert ask(page.gate, http("PUT", "/_stcore/upload_file/a/b"))[0]["status"] == 411
    assert page.upload("one", LARGEST + 1, **SIGNED_IN) == 413


def received(length: int) -> dict[str, object]:
    return {"type": "websocket.receive", "bytes": bytes(length)}


def test_strangers_websockets_together_may_send_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LARGE_MB", 1)
    inside, now = Inside(), [0.0]
    gate = SocketCaps(inside, known, lambda: now[0])
    large = MB // 2 + 1
    assert ask(gate, websocket(), received(large)) == []
    (close,) = ask(gate, websocket(), received(10), received(large), received(10))
    assert (close["type"], close["code"]) == ("websocket.close", 1008)
    assert [len(one["bytes"]) for one in inside.messages] == [large, 10]
    assert ask(gate, websocket(**SIGNED_IN), received(large), received(large)) == []
    assert ask(gate, websocket(), *[received(sockets.SMALL_BYTES)] * 20) == []
    now[0] = sockets.WINDOW_S + 1
    assert ask(gate, websocket(), received(large)) == []


def test_strangers_websockets_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MOST_STRANGERS", 0)
    inside = Inside()
    gate = SocketCaps(inside, known)
    (close,) = ask(gate, websocket(), {"type": "websocket.connect"})
    assert close["code"] == 1013
    ask(gate, websocket(**SIGNED_IN), {"type": "websocket.connect"})
    assert len(inside.scopes) == 1


def test_a_strangers_websocket_counts_as_long_as_it_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sockets, "MOST_STRANGERS", 1)

    async def opens_another(scope: Scope, receive: Receive, send: Send) -> None:
        await gate(scope, receive, send)

    gate = SocketCaps(opens_another, known)
    for _ in range(3):  # the one before has left
        (close,) = ask(gate, websocket())
        assert close["code"] == 1013
    inside = Inside()
    gate = SocketCaps(inside, known)
    assert [ask(gate, websocket()) for _ in range(3)] == [[], [], []]
    assert len(inside.scopes) == 3
