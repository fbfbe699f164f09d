"""What strangers and sessions may send to pages."""

import asyncio
from collections import Counter

import pytest
from starlette.types import Message, Receive, Scope, Send

from apps.gate import sockets, uploads
from apps.gate.sockets import SocketCaps
from apps.gate.uploads import UploadCaps
from core.analysis.limits import MB
from tests.apps.gate.asked import Inside, ask, http, received, websocket

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


def test_what_is_still_coming_counts() -> None:
    begun: list[str] = []

    def coming() -> dict[str, object]:
        begun.append(f"/_stcore/upload_file/s{len(begun)}/f")
        return http("PUT", begun[-1], content_length=str(LARGEST * MB))

    async def slow(_: Scope, receive: Receive, send: Send) -> None:
        await gate(coming(), receive, send)  # the next begins before this one is there

    gate = UploadCaps(slow, LARGEST, dict, known)
    for _ in range(2):  # once they are over, they count no more
        begun.clear()
        assert [one["status"] for one in ask(gate, coming())[:1]] == [503]
        assert len(begun) == uploads.LARGEST_BY_STRANGERS + 1


def test_under_a_path_uploads_are_counted_too(page: Page) -> None:
    assert ask(page.gate, http("PUT", "/cells/_stcore/upload_file/a/b"))[0]["status"] == 411


def test_an_upload_says_how_long_it_is(page: Page) -> None:
    assert ask(page.gate, http("PUT", "/_stcore/upload_file/a/b"))[0]["status"] == 411
    assert page.upload("one", LARGEST + 1, **SIGNED_IN) == 413


def test_words_count_as_bytes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LARGE_MB", 1)
    words = {"type": "websocket.receive", "text": "x" * (MB + 1)}
    (close,) = ask(SocketCaps(Inside(), known), websocket(), words)
    assert (close["type"], close["code"]) == ("websocket.close", 1008)


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


class Browser:
    """One machine's websocket, which stays open until it is closed."""

    def __init__(self, gate: SocketCaps, address: str, **headers: str) -> None:
        self.closed_with: int | None = None
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        scope = {**websocket(**headers), "client": (address, 1)}
        self._task = asyncio.create_task(gate(scope, self._coming.get, self._send))

    async def _send(self, message: Message) -> None:
        self.closed_with = message["code"]

    async def click(self) -> None:
        self._coming.put_nowait({"type": "websocket.receive", "text": "click"})
        await settled()

    async def leave(self) -> None:
        self._coming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self._task


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def closed(browsers: list[Browser]) -> list[bool]:
    return [one.closed_with == 1013 for one in browsers]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> SocketCaps:
    monkeypatch.setattr(sockets, "MOST_STRANGERS", 4)
    return SocketCaps(Inside(), known)


async def opened(gate: SocketCaps, *addresses: str, **headers: str) -> list[Browser]:
    browsers = []
    for address in addresses:
        browsers.append(Browser(gate, address, **headers))
        await settled()
    return browsers


def test_whoever_comes_to_sign_in_gets_the_place_of_the_longest_idle(few: SocketCaps) -> None:
    async def run() -> None:
        first, second, *others = await opened(few, *"abcd")
        await first.click()
        (late,) = await opened(few, "e")
        assert closed([first, second, *others, late]) == [False, True, False, False, False]
        for one in (first, *others, late):
            await one.leave()
        assert closed(await opened(few, *"abcd")) == [False] * 4

    asyncio.run(run())


def test_the_place_of_whoever_left_is_free(few: SocketCaps) -> None:
    async def run() -> None:
        for one in await opened(few, "x", "y"):
            await one.leave()
        here = await opened(few, "m", "m", "z")
        assert closed(here) == [False] * 3

    asyncio.run(run())


def test_one_machine_with_all_places_keeps_no_other_out(few: SocketCaps) -> None:
    async def run() -> None:
        (patient,) = await opened(few, "patient")
        many = await opened(few, *["many"] * 9)
        for one in many:
            await one.click()
        others = await opened(few, "x", "y")
        assert patient.closed_with is None
        assert closed(many) == [True] * 8 + [False]
        assert closed(others) == [False, False]

    asyncio.run(run())


def test_whoever_is_signed_in_takes_no_place(few: SocketCaps) -> None:
    async def run() -> None:
        strangers = await opened(few, *"abcd")
        members = await opened(few, *"abcd", **SIGNED_IN)
        assert closed(strangers + members) == [False] * 8

    asyncio.run(run())
