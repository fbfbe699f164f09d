"""Every error as ``application/problem+json``, with a detail that says how to mend it.

Source: RFC 9457.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from core import errors

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
CLIENT_LEFT = 499  # nobody reads it; it stands in the log and in the metrics. Source: nginx
KEY_STATUSES = (  # of every route that wants a key
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

_STATUSES: tuple[tuple[type[errors.BloodCellsError], HTTPStatus], ...] = (
    (errors.ImageRefusedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.ProfileError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.ApiKeyError, HTTPStatus.UNAUTHORIZED),
    (errors.AccessError, HTTPStatus.FORBIDDEN),
    (errors.BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.BundleError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.DeploymentError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.RecordError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class Problem(BaseModel):
    """What went wrong.

    Attributes:
        title: the kind of problem.
        status: the HTTP status again.
        detail: what happened and how to mend it.
        request_id: to find the request in the server's log.
        errors: for a request of the wrong form, each field that does not fit.
    """

    title: str
    status: int
    detail: str
    request_id: str
    errors: list[dict[str, Any]] | None = None


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for its OpenAPI description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status.value: {"description": status.phrase, "model": Problem, "content": content}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Makes every foreseen error of the application a problem."""
    app.exception_handler(errors.BloodCellsError)(_expected)
    app.exception_handler(RequestValidationError)(_wrong_form)
    app.exception_handler(HTTPException)(_http)


def response(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """A problem as a response."""
    problem = Problem(
        title="Client Closed Request" if status == CLIENT_LEFT else HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        request_id=request_id(),
        **more,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True), status, dict(headers or {}), MEDIA_TYPE
    )


def request_id() -> str:
    """The id that the request goes by which is being handled."""
    return correlation_id.get() or ""


def unexpected() -> JSONResponse:
    """The answer where the server failed."""
    detail = "The server failed. Its log holds the reason under this request id."
    return response(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


async def _expected(_: Request, error: Exception) -> JSONResponse:
    status = next(
        (status for kind, status in _STATUSES if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "ApiKey"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return response(status, str(error), headers)


async def _wrong_form(_: Request, error: Exception) -> JSONResponse:
    found = [
        {"field": ".".join(map(str, one["loc"])), "message": one["msg"]}
        for one in cast(RequestValidationError, error).errors()
    ]
    detail = "The request does not have the form that the docs describe: see errors."
    return response(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=found)


async def _http(_: Request, error: Exception) -> JSONResponse:
    told = cast(HTTPException, error)
    return response(told.status_code, told.detail, told.headers)
