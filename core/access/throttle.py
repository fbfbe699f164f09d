"""A brake on one address that tries many names; the lock-out brakes many tries at one name."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock

from core.errors import SignInError

ATTEMPTS_PER_MINUTE = 30  # generous: a whole ward can sit behind one address


class Throttle:
    """Counts the sign-ins of each address in the last minute, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._attempts: dict[str, deque[float]] = defaultdict(deque)

    def attempt(self, address: str) -> None:
        """Counts one attempt.

        Raises:
            SignInError: this address made too many; says when to try again.
        """
        now = self._clock()
        with self._lock:
            self._forget(now - 60)
            if len(self._attempts[address]) >= ATTEMPTS_PER_MINUTE:
                raise SignInError("Too many sign-ins from this address. Try again in a minute.")
            self._attempts[address].append(now)

    def _forget(self, before: float) -> None:
        for address, times in list(self._attempts.items()):
            while times and times[0] <= before:
                times.popleft()
            if not times:
                del self._attempts[address]
