"""Around Gradio: nobody without an account, no route that the page does not need.

Gradio asks only some of its routes who calls, hands every upload to whoever knows its path, and
reads any file of the server whose path a question names. All that is settled here: an upload is
never given out again, and a question names only what the same person uploaded.
"""

import asyncio
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from apps.gate.origins import host_of
from apps.gradio import entrance, traffic
from apps.gradio.desk import Desk, too_large
from core.analysis.limits import MB, UploadLimits

USERNAME = "blood_cells.username"  # where the account stands in a request's scope
PAGE = ("/", "")
UPLOAD = "/gradio_api/upload"
PROGRESS = "/gradio_api/upload_progress"
JOIN = "/gradio_api/queue/join"
# The sign-in form, and what a browser needs to draw the page: the same files for everybody.
OPEN = ("/login", "/theme.css", "/assets/", "/static/")
INSIDE = (
    UPLOAD,
    PROGRESS,
    JOIN,
    "/logout",
    "/config",
    "/gradio_api/heartbeat/",
    "/gradio_api/info",
    "/gradio_api/queue/data",
    "/gradio_api/startup-events",
)


class Guard:
    """Lets a request through to Gradio, or answers it.

    Args:
        app: the page with its sign-in.
        desk: whom it belongs to.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        send = traffic.closed(
            send,
            stored=not path.startswith("/gradio_api/"),
            framed_by=self._desk.settings.origins,
        )
        answer = self._malformed(request, path) or await self._unknown(request, path)
        if answer is None and path == JOIN:
            body = await request.body()
            receive = traffic.again(body, receive)
            answer = self._foreign(body, scope[USERNAME])
        if answer is None and path == UPLOAD:
            # Gradio's answer is read on its way out, so it must not come compressed.
            plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            scope = {**scope, "headers": plain}
            send = traffic.noting(send, self._desk.uploads, scope[USERNAME])
        await (answer or self.app)(scope, receive, send)

    def _malformed(self, request: Request, path: str) -> Response | None:
        """Refuses what comes from another site's page, and what is too large."""
        if request.method in ("GET", "HEAD"):
            return None
        origin = request.headers.get("origin")
        if origin and host_of(origin) != request.headers.get("host", "").lower():
            return _refusal(path, 403, "This request comes from another site's page.")
        limits = UploadLimits.from_settings(self._desk.settings)
        most = MB + (limits.file_bytes if path == UPLOAD else 0)  # with the form around the file
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            return _refusal(path, 411, "The request does not say how long it is.")
        return _refusal(path, 413, too_large(limits)) if int(length) > most else None

    async def _unknown(self, request: Request, path: str) -> Response | None:
        """Finds out who asks; refuses strangers, and routes that nobody needs."""
        if path.startswith(OPEN):
            return None
        if path not in PAGE and not path.startswith(INSIDE):
            return _refusal(path, 404, "There is nothing at this address.")
        account = await asyncio.to_thread(
            entrance.visitor, self._desk, request.cookies, arrives=path in PAGE
        )
        if account is None and path in PAGE:
            return RedirectResponse(f"{request.scope.get('root_path', '')}/login", 303)
        if account is None:
            return _refusal(path, 401, "You are not signed in any more. Reload the page.")
        request.scope[USERNAME] = account.username
        if path == PROGRESS:
            return Response(traffic.UPLOADED, media_type="text/event-stream")
        return None

    def _foreign(self, body: bytes, username: str) -> Response | None:
        """Refuses a question about a file that this person did not upload."""
        try:
            named = list(traffic.paths(json.loads(body)))
        except (ValueError, RecursionError):
            return _refusal(JOIN, 422, "The request is not JSON.")
        if all(self._desk.uploads.belongs(str(path), username) for path in named):
            return None
        return _refusal(JOIN, 403, "The upload is gone. Choose the image again.")


def _refusal(path: str, status: int, text: str) -> Response:
    """In the form in which Gradio's page shows it."""
    if path == JOIN:
        return JSONResponse({"detail": text}, status)
    return PlainTextResponse(text, status)
