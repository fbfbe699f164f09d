"""Around every request: a line in the log, an end to errors, and to bodies that are too large.

Its id is ``asgi_correlation_id``'s.
"""

import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.api import problems
from core import logs
from core.analysis.limits import MB
from core.logs import log

HEADER = "X-Request-ID"
LARGEST_AT_ONCE = 2  # bodies of the largest size that are held in memory together
_FULL = 503, "Too much is being sent at once. Try again in a moment.", {"Retry-After": "1"}


def is_safe(given: str) -> bool:
    """Whether a caller's request id may stand in the log and in a header."""
    return given.isascii() and given.replace("-", "").isalnum() and len(given) <= 64


class RequestLog:
    """Logs how each request ended; an error that nobody foresaw ends here, as a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        logs.begin(request_id=problems.request_id())
        started, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            log.exception("request_failed", route=_route(scope), exc_info=error)
            if status:
                raise  # half an answer is out: the connection must break
            await problems.unexpected()(scope, receive, noting)
        finally:
            log.info(
                "request",
                method=scope["method"],
                route=_route(scope),
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )


def _route(scope: Scope) -> str | None:
    """As the interface describes it, for an address may hold anything; None for none."""
    return getattr(scope.get("route"), "path", None)


class BodyCap:
    """Ends a request whose body grows over the limit, whether or not it told its length.

    What the bodies of all requests take together is limited, too.
    """

    def __init__(self, app: ASGIApp, most_mb: int) -> None:
        self.app, self.most_mb = app, most_mb
        self._held = 0  # bytes of bodies whose requests are not answered yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            more = len(message.get("body", b""))
            seen += more
            self._held += more
            if seen > self.most_mb * MB:
                raise HTTPException(*self._refusal)  # which the application turns into a problem
            if self._held > LARGEST_AT_ONCE * self.most_mb * MB:
                raise HTTPException(*_FULL)
            return message

        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > self.most_mb * MB:
            answer = problems.response(*self._refusal)
            await answer(scope, receive, send)
            return
        try:
            await self.app(scope, counted, send)
        finally:
            self._held -= seen

    @property
    def _refusal(self) -> tuple[int, str, dict[str, str]]:
        detail = f"The request is larger than {self.most_mb} MB. Send fewer images at once."
        return 413, detail, {"Connection": "close"}
