"""What lives as long as the application: the store, the network, the batches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from fastapi import FastAPI, Request

from core import logs
from core.analysis.batcher import Batcher
from core.analysis.intake import CellImage
from core.analysis.logging import LoggedAnswer, log_predictions
from core.analysis.predictor import Predictor, open_predictor
from core.errors import BloodCellsError
from core.prediction import Prediction
from core.records import schema
from core.records.store import Store
from core.settings import Settings

BATCH = 16


@dataclass(frozen=True, eq=False)
class Asked:
    """An image to answer, the account that asks, and the profile that it named."""

    image: CellImage
    account_id: int
    profile: str | None = None


@dataclass(frozen=True, eq=False)
class Service:
    """Handed to every route."""

    settings: Settings
    store: Store
    batcher: Batcher[Asked, LoggedAnswer]
    opening: asyncio.Task[Predictor]

    async def predictor(self, profile: str | None = None) -> Predictor:
        """The network, once it is open.

        Args:
            profile: name of another laboratory profile than the one in use.

        Raises:
            BundleError: it cannot be opened; the next call tries again.
            ProfileError: there is no such profile.
        """
        if self.is_ready:
            return open_predictor(self.settings, profile)  # what is in use may have changed
        return await asyncio.to_thread(open_predictor, self.settings, profile)

    @property
    def is_ready(self) -> bool:
        """Whether an answer would come at once."""
        return self.opening.done() and self.opening.exception() is None


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """Opens the service for an application with ``state.settings``, and closes it at the end."""
    settings: Settings = app.state.settings
    await asyncio.to_thread(schema.migrate, settings.database)
    store = Store(settings.database)
    # Opened beside, so that a server listens at once and a missing bundle does not stop it.
    opening = asyncio.create_task(asyncio.to_thread(open_predictor, settings))
    most = settings.api_most_waiting
    batching = Batcher(_work(settings, store), batch=BATCH, most_waiting=most)
    with logs.running("api"):
        async with batching as batcher:
            app.state.service = Service(settings, store, batcher, opening)
            yield
        with suppress(BloodCellsError):
            await opening
    store.close()


def of(request: Request) -> Service:
    """The service of the application that the request came to."""
    service: Service = request.app.state.service
    return service


class _work:
    """Answers and logs a batch in one go: an answer that is not in the log is not given out."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    def __call__(self, asked: list[Asked]) -> list[LoggedAnswer]:
        found: dict[int, Prediction] = {}
        for profile in {one.profile for one in asked}:
            rows = [row for row, one in enumerate(asked) if one.profile == profile]
            predictor = open_predictor(self._settings, profile)
            answers = predictor.predict([asked[row].image for row in rows])
            found |= zip(rows, answers, strict=True)
        images = [one.image for one in asked]
        predictions = [found[row] for row in range(len(asked))]
        ids = log_predictions(
            self._store,
            predictions,
            images,
            [one.account_id for one in asked],
            "api",
            self._settings.keep_thumbnails,
        )
        return list(map(LoggedAnswer, images, predictions, ids))
