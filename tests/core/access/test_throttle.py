"""The brake on one address."""

import pytest

from core.access.throttle import ATTEMPTS_PER_MINUTE, Throttle
from core.errors import SignInError


def test_one_address_is_braked_for_a_minute_and_others_are_not() -> None:
    now = [0.0]
    throttle = Throttle(ATTEMPTS_PER_MINUTE, clock=lambda: now[0])
    for _ in range(ATTEMPTS_PER_MINUTE):
        throttle.attempt("10.0.0.1")
    with pytest.raises(SignInError, match="in a minute"):
        throttle.attempt("10.0.0.1")
    throttle.attempt("10.0.0.2")
    now[0] = 60.0
    throttle.attempt("10.0.0.1")


def test_a_visitor_is_told_how_long_to_wait() -> None:
    now = [0.0]
    throttle = Throttle(2, 10, clock=lambda: now[0])
    waits = []
    for moment in (0.0, 4.0, 5.0, 10.0, 10.0):
        now[0] = moment
        waits.append(throttle.wait_s("key"))
    assert waits == [0, 0, 5, 0, 4]
