"""A server that is told to stop: a download ends, an open page does not keep it."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from core.settings import ROOT
from tests.e2e.conftest import free_port

SERVER = """
import asyncio, sys
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from apps import shutdown

async def part(kind, count):
    for _ in range(count):
        yield b"x" * 10
        await asyncio.sleep(0.5)

async def download(_):
    return StreamingResponse(part("zip", 10), media_type="application/zip")

async def events(_):
    return StreamingResponse(part("events", 10_000), media_type="text/event-stream")

shutdown.GRACE_S = 1
app = Starlette(routes=[Route("/download", download), Route("/events", events)])
shutdown.serve(app, "127.0.0.1", int(sys.argv[1]))
"""


def opened(port: int, path: str) -> socket.socket:
    """A request whose first bytes have come."""
    give_up = time.monotonic() + 120
    while True:
        try:
            found = socket.create_connection(("127.0.0.1", port))
            break
        except OSError:
            assert time.monotonic() < give_up
            time.sleep(0.1)
    found.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    assert found.recv(10)
    return found


@pytest.mark.slow
def test_a_download_ends_and_a_stream_of_events_does_not_keep_the_server() -> None:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], cwd=ROOT)
    try:
        download, events = opened(port, "/download"), opened(port, "/events")
        server.send_signal(signal.SIGTERM)
        got = b""
        while part := download.recv(1000):
            got += part
        assert got.count(b"x" * 10) == 10
        assert got.endswith(b"0\r\n\r\n")  # the end of a body in chunks
        assert server.wait(30) in (0, -signal.SIGTERM)
        events.close()
    finally:
        server.kill()
        server.wait()
