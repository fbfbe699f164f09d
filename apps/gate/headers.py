"""What every answer tells the browser: who may frame it, that types are as said, the referrer."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Adds what an answer does not say by itself.

    Args:
        framed_by: origins whose pages may show this one in a frame, beside its own.
    """

    def __init__(self, app: ASGIApp, framed_by: tuple[str, ...] = ()) -> None:
        self.app = app
        self._added = {
            "Content-Security-Policy": " ".join(("frame-ancestors 'self'", *framed_by)),
            "X-Content-Type-Options": "nosniff",
            # A one-time link's token stands in the address. "no-referrer" would make the origin
            # of a form "null", which nobody could tell from another site's.
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, adding if scope["type"] == "http" else send)
