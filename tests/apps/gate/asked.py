"""Requests as ASGI gives them, for gates that stand alone."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Inside:
    """The application behind a gate: notes what came to it."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.messages: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads everything, and answers."""
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            while (message := await receive())["type"] != "websocket.disconnect":
                self.messages.append(message)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def origin(self) -> bytes | None:
        """The origin that the last request seemed to come from."""
        return dict(self.scopes[-1]["headers"]).get(b"origin")


def ask(app: ASGIApp, scope: dict[str, Any], *messages: Message) -> list[Message]:
    """All that the application sends."""
    sent: list[Message] = []
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "websocket.disconnect", "code": 1001}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def http(method: str = "GET", path: str = "/", **headers: str) -> dict[str, Any]:
    """An HTTP request to ``cells.example``."""
    return _scope("http", path, headers) | {"method": method}


def websocket(**headers: str) -> dict[str, Any]:
    """A page's websocket."""
    return _scope("websocket", "/_stcore/stream", headers)


def received(length: int) -> Message:
    """A message of so many bytes that comes through a websocket."""
    return {"type": "websocket.receive", "bytes": bytes(length)}


def _scope(kind: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    told = {"host": "cells.example"} | headers
    pairs = [(k.replace("_", "-").encode(), v.encode("latin-1")) for k, v in told.items()]
    return {"type": kind, "path": path, "headers": pairs, "query_string": b""}
