"""What passes between browser and Gradio: bodies read on their way, headers added."""

import json
from collections.abc import Iterator
from typing import Any

from starlette.types import Message, Receive, Send

from apps.gradio.uploads import Uploads

# Gradio's page needs scripts in itself and eval; what counts is that nothing leaves the address.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "frame-ancestors {}"
)
UPLOADED = 'data: {"msg": "done"}\n\n'  # in place of progress, which one image is too small for


def paths(value: Any) -> Iterator[Any]:
    """Every path that a question names, however deep."""
    if isinstance(value, dict):
        yield from filter(None, [value.get("path")])
    parts = value.values() if isinstance(value, dict) else value
    for part in parts if isinstance(value, dict | list) else ():
        yield from paths(part)


def again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then whatever comes."""
    waiting = [body]

    async def given() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return given


def closed(send: Send, *, stored: bool, framed_by: tuple[str, ...] = ()) -> Send:
    """Adds what keeps the browser from asking elsewhere, and from keeping what it got."""
    policy = POLICY.format(" ".join(("'self'", *framed_by)))
    extra = [(b"content-security-policy", policy.encode())]
    if not stored:
        extra.append((b"cache-control", b"no-store"))

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)

    return with_headers


def noting(send: Send, uploads: Uploads, username: str) -> Send:
    """Notes whose the files are before Gradio's answer to an upload goes out."""
    answer = bytearray()

    async def noted(message: Message) -> None:
        answer.extend(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            for path in _written(bytes(answer)):
                uploads.add(path, username)
        await send(message)

    return noted


def _written(answer: bytes) -> list[str]:
    """The paths in Gradio's answer to an upload; none where it refused."""
    try:
        told = json.loads(answer)
    except ValueError:
        return []
    return [path for path in told if isinstance(path, str)] if isinstance(told, list) else []
