"""A reverse proxy that serves a dashboard under a path, which it keeps or takes away."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial

HEAD_END = b"\r\n\r\n"


@contextmanager
def proxied(port: int, under: str, *, keeps: bool) -> Iterator[int]:
    """Gives the port of a proxy in front of ``port`` on this machine.

    Args:
        under: e.g. ``/cells``; what does not lie under it is not found.
        keeps: whether the path goes on to the server.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    answer = partial(_answer, port, under.encode(), keeps)
    opening = asyncio.start_server(answer, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
    yield server.sockets[0].getsockname()[1]
    asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    ended = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


async def _answer(
    port: int,
    under: bytes,
    keeps: bool,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """One request a connection, or one websocket."""
    try:
        head = (await reader.readuntil(HEAD_END)).removesuffix(HEAD_END)
    except asyncio.IncompleteReadError:  # a browser opens connections that it may not need
        writer.close()
        return
    method, path, version = head.split(b"\r\n")[0].split(b" ")
    if not path.startswith(under):
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        return
    lines = head.split(b"\r\n")[1:]
    if not any(line.lower().startswith(b"upgrade:") for line in lines):
        lines = [line for line in lines if not line.lower().startswith(b"connection:")]
        lines.append(b"Connection: close")
    sent = path if keeps else path.removeprefix(under) or b"/"
    back, forth = await asyncio.open_connection("127.0.0.1", port)
    forth.write(b"\r\n".join([b" ".join([method, sent, version]), *lines]) + HEAD_END)
    with suppress(asyncio.CancelledError):  # the proxy ends before its connections do
        await asyncio.gather(_pass_on(reader, forth), _pass_on(back, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError), closing(writer):  # the other side may go first
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
