"""Requests a second over REST, side by side with services that answer with the same network.

    python -m benchmarks.api FOLDER [--seconds 10] [--clients 1 8 64] [--soak MINUTES]

Ours decodes, recognises fields, answers and logs to SQLite; ``plain`` is FastAPI with one image a
request in eager PyTorch, ``litserve`` (where it is installed) batches the same. Neither logs.
The clients run in this process, on the same processors as the server. All on loopback.
"""

import argparse
import asyncio
import base64
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import psutil

from core.access import accounts, api_keys
from core.access.accounts import Role
from core.image_files import image_files
from core.records import history, schema
from core.records.history.filter import HistoryFilter, Viewer
from core.records.store import Store
from core.settings import ROOT, Settings

PORT = 8698
COMMANDS = {
    "plain": ["-m", "uvicorn", "benchmarks.servers.plain:app", "--port", str(PORT)],
    "litserve": ["-m", "benchmarks.servers.lit", str(PORT)],
    "ours": ["-m", "apps.api"],
}


@contextmanager
def with_key() -> Iterator[tuple[Settings, str]]:
    """Settings with a state folder of their own, and an API key that is known there."""
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        schema.migrate(settings.database)
        store = Store(settings.database)
        accounts.create(store, "bench", "Bench", Role.ADMIN, os.urandom(12).hex())
        _, secret = api_keys.make(store, "bench", "benchmark", Role.ADMIN, accounts.COMMAND_LINE)
        store.close()
        yield settings, secret


@contextmanager
def served(name: str, settings: Settings) -> Iterator[psutil.Process]:
    """The service, answering; ended with all its children."""
    own = {
        "BLOODCELLS_STATE_DIR": str(settings.state_dir),
        "BLOODCELLS_API_RATE": "1000000",
        "BLOODCELLS_LOG_LEVEL": "warning",
        "PORT": str(PORT),
    }
    command = [sys.executable, *COMMANDS[name], *(["--log-level", "warning"] * (name == "plain"))]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.DEVNULL
    )
    tree = psutil.Process(process.pid)
    try:
        yield tree
    finally:
        for one in [*tree.children(recursive=True), tree]:
            one.terminate()
        process.wait(30)


def request(secret: str, image: bytes) -> bytes:
    """The bytes of one HTTP request."""
    body = json.dumps({"image": base64.b64encode(image).decode()}).encode()
    head = (
        f"POST /predict HTTP/1.1\r\nHost: localhost:{PORT}\r\nX-API-Key: {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> int:
    """Sends one request and reads its answer; gives the status."""
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def wait_until_up(sent: bytes, seconds: float = 120) -> None:
    """Returns once the service answers; ends the run where it does not in this time."""
    until, status = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            status = await ask(reader, writer, sent)
            writer.close()
            if status == 200:
                return
        except (OSError, asyncio.IncompleteReadError):
            pass
        await asyncio.sleep(0.2)
    raise SystemExit(f"No service answers on port {PORT}; its last status was {status or 'none'}.")


async def load(requests: list[bytes], clients: int, seconds: float) -> tuple[list[float], int]:
    """Milliseconds of each answered request of so many clients, and how many failed."""
    times: list[float] = []
    failed, end = 0, time.perf_counter() + seconds

    async def client(number: int) -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        turn = number
        while time.perf_counter() < end:
            begin = time.perf_counter()
            status = await ask(reader, writer, requests[turn % len(requests)])
            turn += clients
            if status == 200:
                times.append((time.perf_counter() - begin) * 1000)
            else:
                failed += 1
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    return times, failed


def compare(requests: list[bytes], settings: Settings, clients: list[int], seconds: float) -> None:
    """Prints a line a service and number of clients."""
    rates: dict[tuple[str, int], float] = {}
    names = [n for n in COMMANDS if n != "litserve" or importlib.util.find_spec("litserve")]
    for name in names:
        with served(name, settings):
            asyncio.run(wait_until_up(requests[0]))
            asyncio.run(load(requests, 8, 2))
            for count in clients:
                times, failed = asyncio.run(load(requests, count, seconds))
                rate = rates[name, count] = len(times) / seconds
                cuts = quantiles(times, n=100)
                spread = f"p50 {cuts[49]:.1f}, p95 {cuts[94]:.1f}, p99 {cuts[98]:.1f} ms"
                print(f"{name:9} {count:3} clients {rate:7.1f}/s  {spread}  failed {failed}")
    for count in clients:
        for name in names[:-1]:
            ratio = rates["ours", count] / rates[name, count]
            print(f"{count:3} clients: ours {ratio:.1f} times {name}")


def soak(requests: list[bytes], settings: Settings, minutes: float) -> None:
    """Prints memory by the minute, then compares what was answered with what was logged."""
    store = Store(settings.database)
    viewer = Viewer(Role.ADMIN, 0)
    answered = history.totals(store, viewer, HistoryFilter()).readings
    with served("ours", settings) as tree:
        asyncio.run(wait_until_up(requests[0]))
        answered += 1
        for minute in range(1, round(minutes) + 1):
            times, failed = asyncio.run(load(requests, 8, 60))
            answered += len(times)
            memory = tree.memory_info().rss / 2**20
            told = f"{len(times)} answers, {failed} failed, {memory:.0f} MB"
            print(f"minute {minute}: {told}", flush=True)
    logged = history.totals(store, viewer, HistoryFilter()).readings
    print(f"answered {answered}, logged {logged}, lost {answered - logged}")
    store.close()


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--soak", type=float, help="minutes; instead of the comparison")
    args = parser.parse_args()
    images = [path.read_bytes() for path in image_files(args.folder)[::20][:200]]
    with with_key() as (settings, secret):
        requests = [request(secret, image) for image in images]
        if args.soak:
            soak(requests, settings, args.soak)
        else:
            compare(requests, settings, args.clients, args.seconds)


if __name__ == "__main__":
    main()
