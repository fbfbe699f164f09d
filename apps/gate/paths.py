"""Under which path everything lies, whether or not the proxy in front takes it away."""

from starlette.types import ASGIApp, Receive, Scope, Send


class UnderPath:
    """Puts back the path that a proxy took away, so that every address is as the browser knows it.

    Args:
        under: e.g. ``/cells``; empty for none.
    """

    def __init__(self, app: ASGIApp, under: str) -> None:
        self.app, self._under = app, under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request or websocket."""
        if scope["type"] in ("http", "websocket") and not self._lies_under(scope["path"]):
            raw = scope.get("raw_path") or scope["path"].encode()
            there = {"path": self._under + scope["path"], "raw_path": self._under.encode() + raw}
            scope = {**scope, **there}
        await self.app(scope, receive, send)

    def _lies_under(self, path: str) -> bool:
        return f"{path}/".startswith(f"{self._under}/")
