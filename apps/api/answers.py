"""The answers to a request of many images, in its order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from apps.api.service import Answer, Asked
from core.access.api_keys import Caller
from core.analysis.intake import CellImage, Refused, failed
from core.analysis.logging import LoggedPrediction
from core.analysis.predictor import Predictor
from core.errors import BloodCellsError


class Answers:
    """Those of one request, in order.

    What fails before any image of it is in the log fails the request, which can be sent again.
    After that it is told in place of each image that got no prediction: sent again as a whole,
    the others would stand in the log twice.

    Args:
        submit: gives an image into a place of the request's.
    """

    def __init__(
        self, submit: Callable[[Asked], Awaitable[Answer]], caller: Caller, predictor: Predictor
    ) -> None:
        self._submit, self._caller, self._predictor = submit, caller, predictor
        self._failure: Exception | None = None
        self._any_logged = False
        self.told: list[dict[str, Any]] = []

    async def add(self, items: Sequence[CellImage | Refused]) -> None:
        """Predicts some more; once one has failed the server, no further ones are tried."""
        given = await asyncio.gather(*map(self._give, items), return_exceptions=True)
        failures = [one for one in given if isinstance(one, Exception)]
        self._failure = self._failure or next(iter(failures), None)
        self._any_logged |= any(isinstance(one, LoggedPrediction) for one in given)
        if self._failure and not self._any_logged:
            raise self._failure
        for item, one in zip(items, given, strict=True):
            self.told.append(self._in_place(item.name, one))

    async def _give(self, item: CellImage | Refused) -> Answer:
        if isinstance(item, Refused):
            return item
        if self._failure:
            raise self._failure
        return await self._submit(Asked(item, self._caller.account_id, self._predictor))

    def _in_place(self, name: str, given: Answer | BaseException) -> dict[str, Any]:
        if isinstance(given, LoggedPrediction):
            return told(given)
        if isinstance(given, Refused):
            return given.to_dict()
        if isinstance(given, BloodCellsError):
            return Refused(name, str(given)).to_dict()
        if isinstance(given, Exception):
            return failed(name, given).to_dict()
        raise given  # the server is being stopped


def told(logged: LoggedPrediction) -> dict[str, Any]:
    """A prediction as callers see it."""
    return logged.prediction.to_dict() | {"reading_id": logged.reading_id}
