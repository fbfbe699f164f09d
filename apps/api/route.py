"""Routes that want a key: who has none is answered before a byte of the body is read."""

import json
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from apps.api import callers, service
from core.analysis.limits import MB

AROUND_BYTES = 64 * 1024  # what a JSON body holds beside the image
# Base64 has none of these. A body of many would become as many objects, and the interpreter
# stands still until they are made.
MARKS = (b"[", b"{", b",")
MOST_MARKS = 1000
# Each escape is a piece of a string, too; a line break of base64, or a "/", may be written as one.
BYTES_BY_ESCAPE = 16


class KeyRoute(APIRoute):
    """Knows the caller first, then reads a body no longer than an image needs."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request to this route."""
        handle = super().get_route_handler()

        async def known_first(request: Request) -> Response:
            request.state.caller = await callers.find(request)
            return await handle(_Bounded(request.scope, request.receive))

        return known_first


class _Bounded(Request):
    """A request whose JSON is short, and read beside the event loop; a form is another matter."""

    async def body(self) -> bytes:
        """All of it.

        Raises:
            HTTPException: 413, it is longer than the largest image in base64.
        """
        if not hasattr(self, "_body"):
            image_mb = service.of(self).settings.max_upload_mb
            # Three bytes are four letters; some tools break them into lines of 76.
            most = image_mb * MB * 4 // 3 * 39 // 38 + AROUND_BYTES
            read = bytearray()
            async for chunk in self.stream():
                read += chunk
                if len(read) > most:
                    raise HTTPException(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        f"The request is longer than an image of {image_mb} MB in base64.",
                        {"Connection": "close"},
                    )
            self._body = bytes(read)
        return self._body

    async def json(self) -> Any:
        """What the body says."""
        body = await self.body()
        return await service.of(self).read(_parsed, body)


def _parsed(body: bytes) -> Any:
    escapes = body.count(b"\\") - len(body) // BYTES_BY_ESCAPE
    if max(escapes, sum(map(body.count, MARKS))) > MOST_MARKS:
        raise HTTPException(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The request holds more than an image and its name. The docs describe its form.",
        )
    return json.loads(body)
