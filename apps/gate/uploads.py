"""How much may be uploaded to pages: by one session, and by all together who are not signed in.

Streamlit keeps an upload in memory until its session ends, and takes it from anybody who has
opened a page.
"""

import re
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from apps.gate.visitors import Known
from core.analysis.limits import MB

ROUTE = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
LARGEST_BY_SESSION = 20  # files of the largest size that one session may hold
LARGEST_BY_STRANGERS = 5  # that all who are not signed in may hold together
AROUND_BYTES = 64 * 1024  # the form around a file


class UploadCaps:
    """Refuses an upload before it is read, where its session or all strangers hold too much.

    Args:
        most_mb: the largest file.
        held: bytes that each session holds now, by its id.
    """

    def __init__(
        self, app: ASGIApp, most_mb: int, held: Callable[[], dict[str, int]], known: Known
    ) -> None:
        self.app, self._most, self._held, self._known = app, most_mb * MB, held, known
        self._strangers = set[str]()  # sessions of those who were not signed in when they uploaded
        self._coming: dict[object, tuple[str, int]] = {}  # session and bytes of what is on its way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        found = ROUTE.search(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"").decode("latin-1")
        if not told.isdigit():
            refusal = PlainTextResponse("The upload does not say how long it is.", 411)
            await refusal(scope, receive, send)
            return
        session, length, mark = found[1], int(told), object()
        is_known = await self._known(scope)
        if refused := self._refusal(session, length, is_known):
            await refused(scope, receive, send)
            return
        self._coming[mark] = session, length
        try:
            await self.app(scope, receive, send)
        finally:
            del self._coming[mark]

    def _refusal(self, session: str, length: int, is_known: bool) -> PlainTextResponse | None:
        if length > self._most + AROUND_BYTES:
            return PlainTextResponse("The file is too large.", 413)
        held = self._held()
        for one, coming in self._coming.values():
            held[one] = held.get(one, 0) + coming
        if held.get(session, 0) + length > LARGEST_BY_SESSION * self._most:
            return PlainTextResponse("This page holds too many files. Reload it.", 413)
        (self._strangers.discard if is_known else self._strangers.add)(session)
        self._strangers &= held.keys() | {session}
        together = sum(held.get(one, 0) for one in self._strangers) + length
        if not is_known and together > LARGEST_BY_STRANGERS * self._most:
            return PlainTextResponse("Too much is uploaded at once. Sign in first.", 503)
        return None
