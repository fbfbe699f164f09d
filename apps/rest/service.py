"""What lives as long as the application: the store, the network, the batches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from fastapi import FastAPI, Request

from core.analysis.batcher import Batcher
from core.analysis.intake import CellImage
from core.analysis.logging import LoggedAnswer, log_predictions
from core.analysis.predictor import Predictor, open_predictor
from core.errors import BloodCellsError
from core.records import schema
from core.records.store import Store
from core.settings import Settings

BATCH = 16

Asked = tuple[CellImage, int]  # and the account that asks


@dataclass(frozen=True, eq=False)
class Service:
    """Handed to every route."""

    settings: Settings
    store: Store
    batcher: Batcher[Asked, LoggedAnswer]
    opening: asyncio.Task[Predictor]

    async def predictor(self) -> Predictor:
        """The network, once it is open.

        Raises:
            BundleError: it cannot be opened; the next call tries again.
        """
        if self.is_ready:
            return open_predictor(self.settings)  # what is in use may have changed
        return await asyncio.to_thread(open_predictor, self.settings)

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
    async with Batcher(_work(settings, store), batch=BATCH, most_waiting=most) as batcher:
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
        images = [image for image, _ in asked]
        predictions = open_predictor(self._settings).predict(images)
        ids = log_predictions(
            self._store,
            predictions,
            images,
            [account_id for _, account_id in asked],
            "api",
            self._settings.keep_thumbnails,
        )
        return list(map(LoggedAnswer, images, predictions, ids))
