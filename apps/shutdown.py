"""How a server ends: a download that runs may end, a page that is only open does not keep it."""

import asyncio
import socket
import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE

GRACE_S = 3  # for open pages
DOWNLOAD_S = 60  # for all that has an end


class Endless:
    """Notes what has no end of its own: websockets, and streams of events."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request or websocket."""
        task = asyncio.current_task()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_stream(message):
                _endless.add(task)
            await send(message)

        if scope["type"] == "websocket":
            _endless.add(task)
        try:
            await self.app(scope, receive, noting)
        finally:
            _endless.discard(task)


class Server(uvicorn.Server):
    """Waits a minute for downloads when it is told to stop, and three seconds for all else."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends all that is open."""
        ending = asyncio.create_task(_end_endless())
        await super().shutdown(sockets)
        ending.cancel()


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serves until told to stop."""
    config = uvicorn.Config(
        Endless(app),
        host=host,
        port=port,
        log_level="warning",
        log_config=None,
        timeout_graceful_shutdown=DOWNLOAD_S,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


_endless = set[asyncio.Task[object] | None]()


async def _end_endless() -> None:
    await asyncio.sleep(GRACE_S)
    for task in list(_endless):
        if task:
            task.cancel()


def _is_stream(start: Message) -> bool:
    headers = dict(start.get("headers", ()))
    return bool(headers.get(b"content-type", b"").startswith(b"text/event-stream"))
