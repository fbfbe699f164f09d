"""Who calls: the API key, checked in the database at each request, and how often it may call."""

import asyncio
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Security
from fastapi.security import APIKeyHeader
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from apps.rest import service
from core.access import api_keys
from core.access.api_keys import Caller
from core.errors import ApiKeyError

_header = APIKeyHeader(
    name="X-API-Key",
    auto_error=False,
    description="Made by an admin on the people page, or by `python -m apps.cli keys add`.",
)


class RateLimit:
    """So many requests in so much time for each key."""

    def __init__(self, rate: str) -> None:
        self._item: RateLimitItem = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, key_id: int) -> None:
        """Counts a request.

        Raises:
            HTTPException: 429, with Retry-After.
        """
        if not self._limiter.hit(self._item, str(key_id)):
            wait_s = self._item.get_expiry()
            raise HTTPException(
                429,
                f"This key may make {self._item} requests. Wait and try again.",
                {"Retry-After": str(wait_s)},
            )


async def caller(
    request: Request, secret: Annotated[str | None, Security(_header)] = None
) -> Caller:
    """Who the request's key speaks for.

    Raises:
        ApiKeyError: there is no key, or it opens nothing.
    """
    if not secret:
        raise ApiKeyError("This needs an API key in the header X-API-Key. Ask an admin for one.")
    found = await asyncio.to_thread(api_keys.check, service.of(request).store, secret)
    limit: RateLimit = request.app.state.rate_limit
    limit.hit(found.key_id)
    return found


Known = Annotated[Caller, Depends(caller)]
