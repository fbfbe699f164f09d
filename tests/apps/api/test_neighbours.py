"""Sixty-four clients at once, four of them bad neighbours: every sound image is predicted."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from PIL import Image

from apps.api.app import make_app
from core.analysis.intake import read_image
from core.analysis.limits import MB
from core.records.store import Store
from core.settings import Settings
from tests.core.analysis.images import cell, encoded

SOUND = 60
THIN = encoded(Image.new("RGB", (16, 20_000), "white"))
DAMAGED = encoded(cell(), "JPEG")[:400]


def body(image: bytes) -> dict[str, str]:
    return {"image": base64.b64encode(image).decode()}


async def endless() -> AsyncIterator[bytes]:
    """A body that is larger than any image."""
    for _ in range(200):
        yield b"A" * MB


async def crawling(sent: bytes) -> AsyncIterator[bytes]:
    """A body that comes a byte at a time."""
    for place in range(len(sent)):
        yield sent[place : place + 1]
        await asyncio.sleep(0)


@pytest.mark.slow
def test_every_sound_request_is_answered_right(
    chosen: Settings, store: Store, known: dict[str, str]
) -> None:
    sound = [encoded(cell(60 + number, 90)) for number in range(SOUND)]

    async def scenario() -> tuple[list[Any], list[int], list[str]]:
        app = make_app(chosen)
        async with app.router.lifespan_context(app):
            predictor = await app.state.service.predictor()
            images = [read_image("a.png", data, predictor.at_least_px) for data in sound]
            expected = [one.label for one in predictor.predict(images)]
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:

                async def ask(**sent: Any) -> Any:
                    return await client.post("/predict", headers=known, timeout=300, **sent)

                as_json = known | {"content-type": "application/json"}
                slow = b'{"image": "' + base64.b64encode(sound[0]) + b'"}'
                answers = await asyncio.gather(
                    *(ask(json=body(image)) for image in sound),
                    ask(json=body(THIN)),
                    ask(json=body(DAMAGED)),
                    client.post("/predict", headers=as_json, content=endless(), timeout=300),
                    client.post("/predict", headers=as_json, content=crawling(slow), timeout=300),
                )
        return answers[:SOUND], [one.status_code for one in answers[SOUND:]], expected

    answers, others, expected = asyncio.run(scenario())
    assert [one.status_code for one in answers] == [200] * SOUND
    assert [one.json()["label"] for one in answers] == expected
    assert others == [422, 422, 413, 200]
    assert len({one.json()["reading_id"] for one in answers}) == SOUND
