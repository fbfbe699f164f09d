"""Sixty-four clients of REST, four of them bad neighbours: what the others get, and when.

    python -m benchmarks.neighbours FOLDER [--seconds 20]

Beside sixty clients with sound images one sends a strip of 16x20000 pixels, one a damaged file,
one a body without end, and one sends and reads a byte at a time. Every sound image must get the
prediction that it gets alone. Printed besides: how long ``/healthz`` takes, which waits for nothing
but the event loop, beside an idle server; and the server's memory. All without the bad ones, too.
"""

import argparse
import asyncio
import io
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from benchmarks.api import PORT, request, served, wait_until_up, with_key
from benchmarks.lag import Lag, watched
from core.image_files import image_files

SOUND = 60


@dataclass
class Seen:
    """What came of a run.

    Attributes:
        right, wrong: sound images that got the prediction that they get alone, or anything else.
        bad: the statuses that bad neighbours got, by their name.
        lag: of ``/healthz``.
        memory_mb: of the server, at most.
    """

    right: int = 0
    wrong: int = 0
    bad: dict[str, set[int]] = field(default_factory=dict)
    lag: Lag = field(default_factory=Lag)
    memory_mb: float = 0


async def ask(sent: bytes) -> tuple[int, Any]:
    """Sends one request over a connection of its own; the status and what the answer says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        writer.write(sent)
        return await answer(reader)
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, Any]:
    """The status of an answer, and what it says."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), json.loads(await reader.readexactly(length))


def told(given: Any) -> tuple[str, float]:
    """What is compared of a prediction: bfloat16 in another batch moves its last digits."""
    return given["label"], round(given["confidence"], 1)


async def endless(secret: str) -> int:
    """A body in chunks that does not end by itself; the status it got."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(
        f"POST /predict HTTP/1.1\r\nHost: localhost:{PORT}\r\nX-API-Key: {secret}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    chunk = b"100000\r\n" + b"A" * 2**20 + b"\r\n"
    answered = asyncio.ensure_future(answer(reader))
    try:
        while not answered.done():
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:  # it was ended, as it should be
        pass
    finally:
        writer.close()
    try:
        return (await answered)[0]
    except (ConnectionError, asyncio.IncompleteReadError):
        return 413  # the refusal went down with the connection


async def crawl(sent: bytes, end: float) -> int:
    """Sends and reads a byte at a time; the status, 0 where there was no time for one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    for place in range(len(sent)):
        writer.write(sent[place : place + 1])
        if place % 100 == 0:
            await asyncio.sleep(0.01)
        if time.perf_counter() > end:
            writer.close()
            return 0
    head = b""
    while not head.endswith(b"\r\n") and (byte := await reader.read(1)):
        head += byte
        await asyncio.sleep(0.01)
    writer.close()
    return int(head.split(b" ", 2)[1])


def bad_neighbours(
    secret: str, sound: bytes, end: float
) -> dict[str, Callable[[], Awaitable[int]]]:
    """Each sends one request and gives the status that it got."""
    strip = io.BytesIO()
    Image.new("RGB", (16, 20_000), "white").save(strip, "PNG")
    cut = sound[: len(sound) // 2]

    async def status(image: bytes) -> int:
        return (await ask(request(secret, image)))[0]

    return {
        "thin image": lambda: status(strip.getvalue()),
        "damaged file": lambda: status(cut),
        "endless body": lambda: endless(secret),
        "slow reader": lambda: crawl(request(secret, sound), end),
    }


async def run(
    secret: str, images: list[bytes], seconds: float, server: psutil.Process, *, bad: bool
) -> Seen:
    """All clients at once, for so many seconds."""
    seen, sent = Seen(), [request(secret, image) for image in images]
    alone = [told((await ask(one))[1]) for one in sent]
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        while time.perf_counter() < end:
            status, given = await ask(sent[number % len(sent)])
            if status == 200 and told(given) == alone[number % len(sent)]:
                seen.right += 1
            else:
                seen.wrong += 1
            number += SOUND

    async def watch() -> None:
        while time.perf_counter() < end:
            seen.memory_mb = max(seen.memory_mb, server.memory_info().rss / 2**20)
            await asyncio.sleep(0.1)

    async def neighbour(name: str, deed: Callable[[], Awaitable[int]]) -> None:
        while time.perf_counter() < end:
            seen.bad.setdefault(name, set()).add(await deed())

    others = bad_neighbours(secret, images[0], end).items() if bad else []
    with watched(PORT, "/healthz") as seen.lag:
        await asyncio.gather(
            watch(), *map(client, range(SOUND)), *(neighbour(name, deed) for name, deed in others)
        )
    return seen


def tell(name: str, seen: Seen, seconds: float) -> None:
    """Prints a run."""
    rate = (seen.right + seen.wrong) / seconds
    print(
        f"{name:15} {rate:6.1f} sound a second, {seen.wrong} of {seen.right + seen.wrong} wrong; "
        f"memory at most {seen.memory_mb:.0f} MB\n  /healthz: {seen.lag.in_words()}"
    )
    for neighbour, statuses in seen.bad.items():
        print(f"  {neighbour}: {', '.join(map(str, sorted(statuses)))}")


def main() -> None:
    """Measures without the bad neighbours, then with them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    args = parser.parse_args()
    images = [path.read_bytes() for path in image_files(args.folder)[::20][:60]]
    with with_key() as (settings, secret), served("ours", settings) as server:
        asyncio.run(wait_until_up(request(secret, images[0])))
        for name, bad in (("sound alone", False), ("with the others", True)):
            seen = asyncio.run(run(secret, images, args.seconds, server, bad=bad))
            tell(name, seen, args.seconds)


if __name__ == "__main__":
    main()
