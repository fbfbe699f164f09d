"""Whose page asks: nothing of another site's page reaches Streamlit.

Streamlit's own check of a foreign origin asks an address in the internet for this machine's own,
and stands still until it answers. Behind this gate it meets none but its own.
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = ("GET", "HEAD", "OPTIONS")
FOREIGN = "This request comes from another site's page."


class Origins:
    """Refuses what another site's page would do here; what it only asks for, it may not read.

    Args:
        allowed: origins that count as this address's own, e.g. ``https://portal.example``.
        exempt: beginnings of paths that ask for a key and not for a cookie.
    """

    def __init__(
        self, app: ASGIApp, allowed: tuple[str, ...] = (), exempt: tuple[str, ...] = ()
    ) -> None:
        self.app, self._allowed, self._exempt = app, allowed, exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request or websocket."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(self._exempt):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if not origin or host_of(origin) == host.lower() != "":
            await self.app(scope, receive, send)
        elif origin.lower() in self._allowed:
            await self.app(_from(scope, f"{urlsplit(origin).scheme}://{host}"), receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": FOREIGN})
        elif scope["method"] in SAFE:
            await self.app(_from(scope, None), receive, send)
        else:
            await PlainTextResponse(FOREIGN, 403)(scope, receive, send)


def host_of(origin: str) -> str:
    """The host of an origin, with its port, in small letters; empty where it is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # an address with half a bracket
        return ""


def came_by_tls(request: Request) -> bool:
    """Whether the browser spoke TLS, also where a proxy in front of the server ended it."""
    return request.headers.get("origin", str(request.url)).startswith("https:")


def _from(scope: Scope, origin: str | None) -> Scope:
    """The scope as if it came from that origin, or from none."""
    others = [pair for pair in scope["headers"] if pair[0] != b"origin"]
    own = [(b"origin", origin.encode("latin-1"))] if origin else []
    return {**scope, "headers": [*others, *own]}
