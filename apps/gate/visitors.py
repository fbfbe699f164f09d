"""Whether somebody is signed in who asks, by the cookie that the browser sends along."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection
from starlette.types import Scope

from core.access import sessions
from core.errors import RecordError
from core.records.store import Store
from core.settings import Settings

Known = Callable[[Scope], Awaitable[bool]]


def by_cookie(store: Callable[[], Store], settings: Settings) -> Known:
    """Asks the database each time.

    Args:
        store: opens it when it is first needed.
    """

    async def known(scope: Scope) -> bool:
        token = HTTPConnection(scope).cookies.get(sessions.COOKIE)
        return await asyncio.to_thread(_opens, token) if token else False

    def _opens(token: str) -> bool:
        try:
            return sessions.account_of(store(), token, settings) is not None
        except RecordError:  # the page says what is wrong with the database
            return False

    return known
