"""The brake on one address."""

import pytest

from core.access.throttle import ATTEMPTS_PER_MINUTE, Throttle
from core.errors import SignInError


def test_one_address_is_braked_for_a_minute_and_others_are_not() -> None:
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    for _ in range(ATTEMPTS_PER_MINUTE):
        throttle.attempt("10.0.0.1")
    with pytest.raises(SignInError, match="in a minute"):
        throttle.attempt("10.0.0.1")
    throttle.attempt("10.0.0.2")
    now[0] = 60.0
    throttle.attempt("10.0.0.1")
