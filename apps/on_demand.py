"""An ASGI application that is made when somebody first asks for it.

The dashboard listens before REST and Gradio are imported: most starts need neither at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import BloodCellsError


class OnDemand:
    """Stands for an application; the first request waits until it is made and running.

    Args:
        make: gives the application; called in a thread, and again after it failed.
    """

    def __init__(self, make: Callable[[], Starlette]) -> None:
        self._make = make
        self._opening: asyncio.Task[Starlette] | None = None
        self._lifespans = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = asyncio.create_task(self._open())
        # Shielded: who asked first may leave while others wait for the same application.
        try:
            app: ASGIApp = await asyncio.shield(self._opening)
        except BloodCellsError as error:
            told = {"title": "Service Unavailable", "status": 503, "detail": str(error)}
            app = JSONResponse(told, 503, {"Retry-After": "1"}, "application/problem+json")
        await app(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While it lasts requests are taken; at its end the application's own lifespan ends."""
        async with self._lifespans:
            yield
            if self._opening:
                await asyncio.wait({self._opening})

    async def _open(self) -> Starlette:
        app = await asyncio.to_thread(self._make)
        await self._lifespans.enter_async_context(app.router.lifespan_context(app))
        return app
