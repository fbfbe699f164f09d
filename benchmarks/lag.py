"""How long a server lets a small question wait, beside an idle server on the same machine.

Both are asked in turn from a process of its own, so that what the machine and the asker take shows
in both: what the first one takes longer is its own event loop's.
"""

import asyncio
import http.client
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from statistics import quantiles

EVERY_S = 0.02
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass
class Lag:
    """Milliseconds of each answer, of the server and of the idle one; filled at the end."""

    server_ms: list[float] = field(default_factory=list)
    idle_ms: list[float] = field(default_factory=list)

    def in_words(self) -> str:
        """Both, side by side."""
        return f"{_spread(self.server_ms)}; of an idle server {_spread(self.idle_ms)}"


def _spread(times: list[float]) -> str:
    return f"99% in {quantiles(times, n=100)[98]:.0f} ms, the slowest in {max(times):.0f} ms"


@contextmanager
def watched(port: int, path: str) -> Iterator[Lag]:
    """Asks as long as the block runs."""
    spawn, lag = multiprocessing.get_context("spawn"), Lag()
    ours, theirs = spawn.Pipe()
    idle = spawn.Process(target=_idle, args=(theirs,), daemon=True)
    idle.start()
    watch = spawn.Process(target=_watch, args=(theirs, port, ours.recv(), path), daemon=True)
    watch.start()
    ours.recv()  # it has begun
    try:
        yield lag
    finally:
        ours.send(None)
        lag.server_ms, lag.idle_ms = ours.recv()
        idle.terminate()


def _watch(line: Connection, server: int, idle: int, path: str) -> None:
    server_ms, idle_ms = [_ask(server, path)], [_ask(idle, path)]
    line.send(None)
    while not line.poll(EVERY_S):
        server_ms.append(_ask(server, path))
        idle_ms.append(_ask(idle, path))
    line.send((server_ms, idle_ms))


def _ask(port: int, path: str) -> float:
    """Milliseconds until it has answered."""
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()
    return (time.perf_counter() - begin) * 1000


def _idle(line: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_ANSWER)
        await writer.drain()
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
