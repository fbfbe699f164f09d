"""Images in, predictions out: one as base64, or many as a form."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from apps.api import callers, example, service
from apps.api.answers import Answers, told
from apps.api.callers import Known
from apps.api.problems import CLIENT_LEFT, KEY_STATUSES, documented
from apps.api.route import KeyRoute
from apps.api.service import BATCH, Service, Waiting
from apps.api.shapes import NoPrediction, PredictionOut
from core.analysis.archive import Member
from core.analysis.intake import Refused, files_of, read_image
from core.analysis.limits import UploadLimits
from core.analysis.predictor import Predictor
from core.errors import ImageRefusedError

SPACES = b" \t\r\n"
T = TypeVar("T")
Profile = Annotated[
    str | None,
    Query(
        max_length=64,
        description="The laboratory profile to predict under; the one in use where none is named.",
    ),
]

router = APIRouter(
    route_class=KeyRoute,
    tags=["predictions"],
    responses=documented(
        *KEY_STATUSES, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY
    ),
)


class ImageIn(BaseModel):
    """One image of one cell."""

    image: str = Field(
        description="The file's bytes in base64, or a data URL.",
        min_length=1,
        examples=[example.CELL],
    )
    name: str = Field("image", max_length=255, description="What the log calls it.")


@router.post("/predict", response_model=PredictionOut, summary="Classify one cell")
@router.post(
    "/v1/predict/base64",
    response_model=PredictionOut,
    summary="Classify one cell",
    include_in_schema=False,
)
async def predict_one(
    request: Request, sent: ImageIn, caller: Known, profile: Profile = None
) -> dict[str, Any]:
    """Predicts one image in base64, as JSON."""
    here = service.of(request)
    predictor = await here.predictor(profile)
    data = await here.read(decoded, sent.image)
    limit = UploadLimits.from_settings(here.settings)
    if len(data) > limit.file_bytes:
        raise ImageRefusedError(f"The image is larger than {limit.file_mb} MB. Save it smaller.")
    image = await here.read(read_image, sent.name, data, predictor.at_least_px)
    asked = Waiting(image, caller.account_id, predictor)
    answer = await unless_gone(request, here.batcher.submit(asked))
    if isinstance(answer, Refused):
        raise ImageRefusedError(answer.reason)
    return told(answer)


@router.post(
    "/v1/predict", response_model=list[PredictionOut | NoPrediction], summary="Classify many cells"
)
async def predict_many(
    request: Request,
    files: Annotated[list[UploadFile], File(description="Images, or ZIPs of images.")],
    _: Known,
    profile: Profile = None,
) -> list[dict[str, Any]]:
    """Predicts each image in order; a file that gets no prediction says why in its place."""
    here = service.of(request)
    ask = partial(_asking, request, here, profile)
    return await unless_gone(request, _predict_all(here, files, ask))


async def _asking(request: Request, here: Service, profile: str | None) -> tuple[int, Predictor]:
    """For which account, and by what, a batch is predicted: both may have changed since the last.

    Raises:
        ApiKeyError: the key opens nothing any more.
        BundleError, DeploymentError, ProfileError: nothing can answer.
    """
    caller = await callers.still(request)
    return caller.account_id, await here.predictor(profile)


async def _predict_all(
    here: Service, files: list[UploadFile], ask: Callable[[], Awaitable[tuple[int, Predictor]]]
) -> list[dict[str, Any]]:
    limits = UploadLimits.from_settings(here.settings)
    at_once = min(BATCH, here.settings.api_most_waiting)
    with here.batcher.reserve(at_once) as submit:
        answers = Answers(here, submit, ask)
        unpacked = _unpacked(files, limits)
        while batch := await here.read(_take, unpacked, at_once):
            await answers.add(batch)
    return answers.told


def _unpacked(files: list[UploadFile], limits: UploadLimits) -> Iterator[Member | Refused]:
    for file in files:
        data = file.file.read(limits.file_bytes + 1)  # one more tells that it is too large
        yield from files_of(file.filename or "image", data, limits)


def _take(files: Iterator[Member | Refused], count: int) -> list[Member | Refused]:
    """The next few, so that one request of a thousand images is not a thousand that wait."""
    return list(islice(files, count))


def decoded(text: str) -> bytes:
    """The bytes behind base64 or a data URL.

    Raises:
        ImageRefusedError: it is neither.
    """
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        # Some tools break lines; split at each, a text could become millions of objects.
        return base64.b64decode(text.encode("ascii").translate(None, SPACES), validate=True)
    except (binascii.Error, ValueError):
        raise ImageRefusedError(
            "The image is not base64. Send the file's bytes in base64, or a data URL."
        ) from None


async def unless_gone(request: Request, work: Awaitable[T]) -> T:
    """What ``work`` gives; it is given up as soon as the client leaves.

    Raises:
        HTTPException: the client left.
    """
    result, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({result, gone}, return_when=asyncio.FIRST_COMPLETED)
        if result.done():
            return result.result()
        raise HTTPException(CLIENT_LEFT, "The client left before its prediction was there.")
    finally:
        gone.cancel()
        result.cancel()


async def _gone(request: Request) -> None:
    """Returns once the client has left; its body is read by then."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
