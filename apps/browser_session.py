"""What a browser's session needs of the server itself: the cookie, a watch at the websocket."""

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from apps.gate.origins import came_by_tls
from core.access import sessions
from core.access.handover import OWNERS, TICKETS

PATH = "/session"
TICKET = "x-session-ticket"  # a page of another site cannot send it without being asked first
# Without one, a browser takes the folder of the address that it asked: the path that the dashboard
# lies under, also where a proxy takes it away. Two dashboards of one host so keep apart.
PLACE = None
_PROTOCOLS = b"sec-websocket-protocol"


def route(under: str = "") -> Route:
    """The address that turns a sign-in's ticket into the cookie, and that takes the cookie away.

    Args:
        under: the path that the dashboard is served under, e.g. ``/cells``.
    """
    TICKETS.served = True
    return Route(under + PATH, _cookie, methods=["POST", "DELETE"])


async def _cookie(request: Request) -> Response:
    if TICKET not in request.headers:
        return Response(status_code=404)
    response = Response(status_code=204, headers={"cache-control": "no-store"})
    if request.method == "DELETE":
        response.set_cookie(
            sessions.COOKIE, max_age=0, path=PLACE, httponly=True, samesite="strict"
        )
        return response
    token = TICKETS.take(request.headers[TICKET])
    if token is None:
        return Response(status_code=404)
    response.set_cookie(
        sessions.COOKIE,
        token,
        path=PLACE,
        httponly=True,
        samesite="strict",
        secure=came_by_tls(request),
    )
    return response


class OwnSessions:
    """Lets a websocket go on with a running session only if it brings that session's cookie.

    Streamlit takes the session's name from the third word of ``Sec-WebSocket-Protocol`` and asks
    nothing more. Without that word it begins a new session.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] == "websocket":
            headers = [_checked(name, value, scope) for name, value in scope["headers"]]
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)


def _checked(name: bytes, value: bytes, scope: Scope) -> tuple[bytes, bytes]:
    words = value.split(b",")
    if name != _PROTOCOLS or len(words) < 3:
        return name, value
    # As text, as Streamlit strips it: a no-break space is white there, and not among bytes.
    if OWNERS.may_go_on(words[2].decode("latin-1").strip(), _token(scope)):
        return name, value
    return name, b",".join(words[:2])


def _token(scope: Scope) -> str | None:
    return HTTPConnection(scope).cookies.get(sessions.COOKIE)
