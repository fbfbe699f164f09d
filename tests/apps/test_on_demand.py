"""An application that is made when it is first asked for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from apps.on_demand import OnDemand
from core.errors import RecordError


class Counted:
    """Makes applications and remembers what became of them."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.failures, self.made, self.lived = failures, 0, list[str]()
        self.error = error or OSError("no disk")

    def __call__(self) -> Starlette:
        self.made += 1
        if self.made <= self.failures:
            raise self.error
        return Starlette(routes=[Route("/", self._hello)], lifespan=self._live)

    async def _hello(self, _: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    @asynccontextmanager
    async def _live(self, _: Starlette) -> AsyncIterator[None]:
        self.lived.append("started")
        yield
        self.lived.append("ended")


async def ask(app: OnDemand) -> str:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return (await client.get("/")).text


def test_it_is_made_once_for_all_who_ask_and_ends_with_the_server() -> None:
    make = Counted()

    async def scenario() -> list[str]:
        app = OnDemand(make)
        async with app.running():
            assert make.made == 0
            responses = await asyncio.gather(*(ask(app) for _ in range(3)))
            assert make.lived == ["started"]
        return responses

    assert asyncio.run(scenario()) == ["hello"] * 3
    assert (make.made, make.lived) == (1, ["started", "ended"])


def test_after_a_failure_the_next_request_tries_again() -> None:
    make = Counted(failures=1)

    async def scenario() -> str:
        app = OnDemand(make)
        async with app.running():
            with pytest.raises(OSError, match="no disk"):
                await ask(app)
            return await ask(app)

    assert asyncio.run(scenario()) == "hello"


def test_who_leaves_first_does_not_stop_it_for_others() -> None:
    make = Counted()

    async def scenario() -> str:
        app = OnDemand(make)
        async with app.running():
            first = asyncio.create_task(ask(app))
            second = asyncio.create_task(ask(app))
            await asyncio.sleep(0)
            first.cancel()
            return await second

    assert asyncio.run(scenario()) == "hello"
    assert make.made == 1


def test_what_a_person_can_mend_is_told_and_the_next_request_tries_again() -> None:
    make = Counted(failures=1, error=RecordError("The database is damaged: restore it."))

    async def scenario() -> tuple[str, str]:
        app = OnDemand(make)
        async with app.running():
            return await ask(app), await ask(app)

    told, then = asyncio.run(scenario())
    assert json.loads(told)["status"] == 503
    assert then == "hello"
