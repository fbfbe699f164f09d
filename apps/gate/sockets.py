"""How much may come through the pages' websockets from all together who are not signed in.

Streamlit keeps what the widgets of a session hold, up to its own limit, and that of a session
whose browser has gone for two minutes.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.gate.visitors import Known
from core.analysis.limits import MB

MOST_STRANGERS = 500  # websockets of those who are not signed in
SMALL_BYTES = 64 * 1024  # a sign-in, a click: these come through always
LARGE_MB = 100  # all larger messages within the window together
WINDOW_S = 120


class SocketCaps:
    """Closes a stranger's websocket that sends too much, or whose place another one needs.

    Whoever signed in on an open page counts as a stranger until it is closed; the browser then
    opens it anew, with its cookie, and goes on with its session.
    """

    def __init__(
        self, app: ASGIApp, known: Known, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app, self._known, self._clock = app, known, clock
        # Of each websocket, what closes it, and its machine's address; the longest idle first.
        self._open: dict[asyncio.Event, str] = {}
        self._large = deque[tuple[float, int]]()  # when larger messages came, and their bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one websocket."""
        if scope["type"] != "websocket" or await self._known(scope):
            await self.app(scope, receive, send)
            return
        if len(self._open) >= MOST_STRANGERS:
            self._make_room()
        closing, address = asyncio.Event(), (scope.get("client") or ("",))[0]

        async def counted() -> Message:
            message = await _unless(closing, receive)
            if message is None:
                return await _closed(send, 1013, "Try again later.")
            if closing in self._open:
                self._open[closing] = self._open.pop(closing)
            length = len(message.get("bytes") or b"") + len(message.get("text") or "")
            if length <= SMALL_BYTES or self._fits(length):
                return message
            return await _closed(send, 1008, "Sign in first.")

        self._open[closing] = address
        try:
            await self.app(scope, counted, send)
        finally:
            self._open.pop(closing, None)

    def _make_room(self) -> None:
        """Closes the longest idle websocket of the machine that has the most of them."""
        ((address, _),) = Counter(self._open.values()).most_common(1)
        closing = next(one for one, of in self._open.items() if of == address)
        del self._open[closing]
        closing.set()

    def _fits(self, length: int) -> bool:
        now = self._clock()
        while self._large and self._large[0][0] <= now - WINDOW_S:
            self._large.popleft()
        if sum(one for _, one in self._large) + length > LARGE_MB * MB:
            return False
        self._large.append((now, length))
        return True


async def _unless(closing: asyncio.Event, receive: Receive) -> Message | None:
    """What comes next; None where the websocket is to be closed first."""
    coming, told = asyncio.ensure_future(receive()), asyncio.ensure_future(closing.wait())
    try:
        await asyncio.wait({coming, told}, return_when=asyncio.FIRST_COMPLETED)
        return None if told.done() else coming.result()
    finally:
        coming.cancel()
        told.cancel()


async def _closed(send: Send, code: int, reason: str) -> Message:
    await send({"type": "websocket.close", "code": code, "reason": reason})
    return {"type": "websocket.disconnect", "code": code}
