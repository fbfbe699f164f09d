"""A brake on who comes too often; beside it the lock-out brakes many tries at one name."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from threading import Lock

from core.errors import SignInError

ATTEMPTS_PER_MINUTE = 30  # generous: a whole ward can sit behind one address


class Throttle:
    """Counts the visits of each visitor within a moving window, in this process.

    Args:
        most: visits in a window.
        window_s: its length.
    """

    def __init__(
        self,
        most: int,
        window_s: float = 60,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._lock = Lock()
        self._visits: dict[Hashable, deque[float]] = defaultdict(deque)

    def wait_s(self, visitor: Hashable) -> float:
        """Counts a visit and gives 0; or how long to wait, where there were too many."""
        now = self._clock()
        with self._lock:
            self._forget(now - self._window_s)
            visits = self._visits[visitor]
            if len(visits) >= self._most:
                return visits[0] + self._window_s - now
            visits.append(now)
            return 0.0

    def attempt(self, address: str) -> None:
        """Counts a sign-in.

        Raises:
            SignInError: this address made too many; says when to try again.
        """
        if self.wait_s(address):
            raise SignInError("Too many sign-ins from this address. Try again in a minute.")

    def _forget(self, before: float) -> None:
        for visitor, times in list(self._visits.items()):
            while times and times[0] <= before:
                times.popleft()
            if not times:
                del self._visits[visitor]
