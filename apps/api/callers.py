"""Who calls: the API key, checked in the database at each request, and how often it may call."""

import asyncio
import math
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyHeader

from apps.api import service
from core import logs
from core.access import api_keys
from core.access.api_keys import Caller
from core.access.throttle import Throttle
from core.errors import ApiKeyError

_header = APIKeyHeader(
    name="X-API-Key",
    auto_error=False,
    description="Made by an admin on the people page, or by `python -m apps.cli keys add`.",
)


async def find(request: Request) -> Caller:
    """Who the request's key speaks for; asked by ``KeyRoute``, before all else.

    Raises:
        ApiKeyError: there is no key, or it opens nothing.
        HTTPException: 429, it called too often; with Retry-After.
    """
    found = await still(request)
    logs.bind(account_id=found.account_id)
    throttle: Throttle = request.app.state.throttle
    if wait_s := throttle.wait_s(found.key_id):
        limit = request.app.state.settings.api_rate
        raise HTTPException(
            429,
            f"This key may make {limit} requests a second. Wait a moment and try again.",
            {"Retry-After": str(math.ceil(wait_s))},
        )
    return found


async def still(request: Request) -> Caller:
    """Who the request's key speaks for now, also while the request is worked on.

    Raises:
        ApiKeyError: there is no key, or it opens nothing, any more.
    """
    secret = request.headers.get(_header.model.name)
    if not secret:
        raise ApiKeyError("This needs an API key in the header X-API-Key. Ask an admin for one.")
    return await asyncio.to_thread(api_keys.check, service.of(request).store, secret)


async def _known(request: Request, _: Annotated[str | None, Security(_header)] = None) -> Caller:
    known: Caller = request.state.caller
    return known


Known = Annotated[Caller, Depends(_known)]
