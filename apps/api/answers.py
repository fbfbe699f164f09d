"""The answers to a request of many images, in its order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from apps.api.service import Answer, Service, Waiting
from core.analysis.archive import Member, shown_name
from core.analysis.intake import CellImage, Refused, failed, read_file
from core.analysis.logging import LoggedPrediction
from core.analysis.predictor import Predictor
from core.errors import BloodCellsError


class Answers:
    """Those of one request, in order.

    What fails before any image of it is in the log fails the request, which can be sent again.
    After that it is told in place of each image that got no prediction: sent again as a whole,
    the others would stand in the log twice.

    Args:
        here: reads the images.
        submit: gives an image into a place of the request's.
        ask: for which account, and by what, the next images are predicted.
    """

    def __init__(
        self,
        here: Service,
        submit: Callable[[Waiting], Awaitable[Answer]],
        ask: Callable[[], Awaitable[tuple[int, Predictor]]],
    ) -> None:
        self._here, self._submit, self._ask = here, submit, ask
        self._failure: Exception | None = None
        self._any_logged = False
        self.told: list[dict[str, Any]] = []

    async def add(self, files: Sequence[Member | Refused]) -> None:
        """Predicts some more; once one has failed the server, no further ones are tried."""
        given = await self._given(files)
        failures = [one for one in given if isinstance(one, Exception)]
        self._failure = self._failure or next(iter(failures), None)
        self._any_logged |= any(isinstance(one, LoggedPrediction) for one in given)
        if self._failure and not self._any_logged:
            raise self._failure
        for file, one in zip(files, given, strict=True):
            self.told.append(_in_place(file.name, one))

    async def _given(self, files: Sequence[Member | Refused]) -> Sequence[Answer | BaseException]:
        try:
            if self._failure:
                raise self._failure
            account_id, predictor = await self._ask()
        except Exception as error:  # whatever it is, it is told in place of each image
            return [file if isinstance(file, Refused) else error for file in files]
        px = predictor.at_least_px
        items = await self._here.read(lambda: [read_file(file, px) for file in files])

        async def give(item: CellImage | Refused) -> Answer:
            if isinstance(item, Refused):
                return item
            return await self._submit(Waiting(item, account_id, predictor))

        return await asyncio.gather(*map(give, items), return_exceptions=True)


def _in_place(name: str, given: Answer | BaseException) -> dict[str, Any]:
    if isinstance(given, LoggedPrediction):
        return told(given)
    if isinstance(given, Refused):
        return given.to_dict()
    if isinstance(given, BloodCellsError):
        return Refused(shown_name(name), str(given)).to_dict()
    if isinstance(given, Exception):
        return failed(shown_name(name), given).to_dict()
    raise given  # the server is being stopped


def told(logged: LoggedPrediction) -> dict[str, Any]:
    """A prediction as callers see it."""
    return logged.prediction.to_dict() | {"reading_id": logged.reading_id}
