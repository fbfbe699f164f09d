"""One path for all addresses, whether the proxy in front keeps it or takes it away."""

import asyncio
from typing import Any

import pytest

from apps.gate.paths import UnderPath


def arrives_as(under: str, scope: dict[str, Any]) -> dict[str, Any]:
    """The scope that the application behind gets."""
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope))

    asyncio.run(UnderPath(app, under)(scope, None, None))  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("under", "asked", "path"),
    [
        ("/cells", "/cells/api/docs", "/cells/api/docs"),
        ("/cells", "/cells", "/cells"),
        ("/cells", "/api/docs", "/cells/api/docs"),
        ("/cells", "/", "/cells/"),
        ("/cells", "/cells/", "/cells/"),
        ("/cells", "/cellsmore", "/cells/cellsmore"),
        ("/a/b", "/a/b/x", "/a/b/x"),
        ("/a/b", "/x", "/a/b/x"),
        ("", "/x", "/x"),
        ("", "/", "/"),
    ],
)
def test_every_path_lies_under_it(kind: str, under: str, asked: str, path: str) -> None:
    told = arrives_as(under, {"type": kind, "path": asked, "raw_path": asked.encode()})
    assert (told["path"], told["raw_path"]) == (path, path.encode())


def test_what_has_no_path_passes() -> None:
    assert arrives_as("/cells", {"type": "lifespan"}) == {"type": "lifespan"}
