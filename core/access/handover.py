"""What a running dashboard remembers of browsers beside the database, in its own memory.

A sign-in happens inside a websocket, where no cookie can be set. So it makes a ticket, the page
sends it by a request of its own, and the answer sets the cookie: no script ever holds the token.
And whoever names a running session must have its cookie: the session's name alone opens nothing.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

TICKET_S = 60.0
MOST = 10_000  # of either kind; the oldest go


class Tickets:
    """Tokens that wait for the request that takes them, each once and soon.

    Attributes:
        served: whether this process answers such requests; where it does not, as under
            ``streamlit run``, the page has to write its cookie by script.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.served = False
        self._clock, self._lock = clock, Lock()
        self._waiting: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def give(self, token: str) -> str:
        """A ticket for a token."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._waiting[ticket] = token, self._clock() + TICKET_S
            while len(self._waiting) > MOST:
                self._waiting.popitem(last=False)
        return ticket

    def take(self, ticket: str) -> str | None:
        """The token; None where the ticket is unknown, used or too old."""
        with self._lock:
            token, ends = self._waiting.pop(ticket, (None, 0.0))
        return token if self._clock() < ends else None


class Owners:
    """Whose each running session is, by the token that it was opened with."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tokens: OrderedDict[str, str] = OrderedDict()

    def note(self, session: str, token: str | None) -> None:
        """Notes whose a session is; None: nobody's any more."""
        with self._lock:
            self._tokens.pop(session, None)
            if token is not None:
                self._tokens[session] = token
            while len(self._tokens) > MOST:
                self._tokens.popitem(last=False)

    def may_go_on(self, session: str, token: str | None) -> bool:
        """Whether a browser with this token, or without any, may go on with a session."""
        with self._lock:
            owner = self._tokens.get(session)
        return owner is None or (token is not None and secrets.compare_digest(owner, token))


TICKETS, OWNERS = Tickets(), Owners()
