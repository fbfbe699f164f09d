"""How much may come through the pages' websockets from all together who are not signed in.

Streamlit keeps what the widgets of a session hold, up to its own limit, and that of a session
whose browser has gone for two minutes.
"""

import time
from collections import deque
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.gate.visitors import Known
from core.analysis.limits import MB

MOST_STRANGERS = 500  # websockets of those who are not signed in
SMALL_BYTES = 64 * 1024  # a sign-in, a click: these come through always
LARGE_MB = 100  # all larger messages within the window together
WINDOW_S = 120


class SocketCaps:
    """Closes a stranger's websocket that sends too much; whoever signed in there opens it anew."""

    def __init__(
        self, app: ASGIApp, known: Known, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app, self._known, self._clock = app, known, clock
        self._open = 0
        self._large = deque[tuple[float, int]]()  # when larger messages came, and their bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one websocket."""
        if scope["type"] != "websocket" or await self._known(scope):
            await self.app(scope, receive, send)
            return
        if self._open >= MOST_STRANGERS:
            await receive()
            await send({"type": "websocket.close", "code": 1013, "reason": "Try again later."})
            return

        async def counted() -> Message:
            message = await receive()
            length = len(message.get("bytes") or b"") + len(message.get("text") or "")
            if length <= SMALL_BYTES or self._fits(length):
                return message
            await send({"type": "websocket.close", "code": 1008, "reason": "Sign in first."})
            return {"type": "websocket.disconnect", "code": 1008}

        self._open += 1
        try:
            await self.app(scope, counted, send)
        finally:
            self._open -= 1

    def _fits(self, length: int) -> bool:
        now = self._clock()
        while self._large and self._large[0][0] <= now - WINDOW_S:
            self._large.popleft()
        if sum(one for _, one in self._large) + length > LARGE_MB * MB:
            return False
        self._large.append((now, length))
        return True
