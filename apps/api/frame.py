"""Around every request: an id, and an end to bodies that are too large, however they come."""

import secrets

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.api import problems

HEADER = b"x-request-id"
MB = 1024 * 1024


class RequestId:
    """Gives each request an id, or keeps the caller's, and sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER, b"").decode("latin-1")
        safe = given.isascii() and given.replace("-", "").isalnum() and len(given) <= 64
        scope["request_id"] = given if safe else secrets.token_hex(8)

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (HEADER, scope["request_id"].encode()),
                ]
            await send(message)

        await self.app(scope, receive, with_id)


class BodyCap:
    """Ends a request whose body grows over the limit, whether or not it told its length."""

    def __init__(self, app: ASGIApp, most_mb: int) -> None:
        self.app, self.most_mb = app, most_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most_mb * MB:
                raise HTTPException(*self._refusal)  # which the application turns into a problem
            return message

        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > self.most_mb * MB:
            answer = problems.response(scope["request_id"], *self._refusal)
            await answer(scope, receive, send)
        else:
            await self.app(scope, counted, send)

    @property
    def _refusal(self) -> tuple[int, str, dict[str, str]]:
        detail = f"The request is larger than {self.most_mb} MB. Send fewer images at once."
        return 413, detail, {"Connection": "close"}
