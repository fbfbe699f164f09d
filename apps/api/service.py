"""What lives as long as the application: the store, what answers, the batches."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

from fastapi import FastAPI, Request

from core import logs
from core.analysis.answering import Answering
from core.analysis.batcher import Batcher
from core.analysis.intake import CellImage, Refused
from core.analysis.logging import LoggedPrediction, log_given
from core.analysis.predictor import Predictor
from core.prediction import Prediction
from core.records import schema
from core.records.store import Store
from core.settings import Settings

BATCH = 16
READERS = 4  # threads in which bodies and images are read; nothing else waits for them
P = ParamSpec("P")
T = TypeVar("T")
Answer = LoggedPrediction | Refused


@dataclass(frozen=True, eq=False)
class Waiting:
    """An image, the account that asks for its prediction, and the predictor it was read for."""

    image: CellImage
    account_id: int
    predictor: Predictor


@dataclass(frozen=True, eq=False)
class Service:
    """Handed to every route."""

    settings: Settings
    store: Store
    answering: Answering
    batcher: Batcher[Waiting, Answer]
    readers: ThreadPoolExecutor

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` gives; it reads what a stranger sent, beside the event loop."""
        run = partial(copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.readers, run)

    async def predictor(self, profile: str | None = None) -> Predictor:
        """What answers now. The event loop goes on meanwhile, and so does every thread.

        Args:
            profile: name of another laboratory profile than the one in use.

        Raises:
            BundleError, DeploymentError: nothing can answer; the next call tries again.
            ProfileError: there is no such profile, or another bundle made it.
        """
        opening = await asyncio.to_thread(self.answering.opening)
        if not opening.network.done():
            coming = asyncio.wrap_future(opening.network)
            await asyncio.wait({coming})
            coming.exception()  # told below; unread, it would be logged as lost
        return await asyncio.to_thread(self.answering.predictor_of, opening, profile)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """Opens the service for an application with ``state.settings``, and closes it at the end."""
    settings: Settings = app.state.settings
    await asyncio.to_thread(schema.migrate, settings.database)
    store = Store(settings.database)
    answering = Answering(store, settings)
    # Opened beside, so that a server listens at once and a missing bundle does not stop it.
    opening = asyncio.create_task(asyncio.to_thread(answering.opening))
    most = settings.api_most_waiting
    batching = Batcher(partial(_work, store, settings), batch=BATCH, most_waiting=most)
    with logs.running("api"), ThreadPoolExecutor(READERS, "reader") as readers:
        async with batching as batcher:
            app.state.service = Service(settings, store, answering, batcher, readers)
            yield
        await asyncio.wait({opening})
    await asyncio.to_thread(answering.close)
    store.close()


def of(request: Request) -> Service:
    """The service of the application that the request came to."""
    service: Service = request.app.state.service
    return service


def _work(store: Store, settings: Settings, asked: list[Waiting]) -> list[Answer]:
    """Predicts and logs a batch in one go: a prediction that is not in the log is not given out."""
    found: dict[int, Prediction | Refused] = {}
    for predictor, rows in _by_predictor(asked):
        told = predictor.predict_each([asked[row].image for row in rows])
        found |= zip(rows, told, strict=True)
    images = [one.image for one in asked]
    given = [found[row] for row in range(len(asked))]
    askers = [one.account_id for one in asked]
    return log_given(store, given, images, askers, settings, source="api")


def _by_predictor(asked: list[Waiting]) -> Iterable[tuple[Predictor, list[int]]]:
    """The rows that one call can predict: those of one network under one profile."""
    groups: dict[tuple[int, str | None], tuple[Predictor, list[int]]] = {}
    for row, one in enumerate(asked):
        profile = one.predictor.profile
        key = id(one.predictor.classifier), profile.hash if profile else None
        groups.setdefault(key, (one.predictor, []))[1].append(row)
    return groups.values()
