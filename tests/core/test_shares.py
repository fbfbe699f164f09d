"""How sure a share of a count is."""

import pytest
from scipy.stats import binomtest

from core.shares import exact_limits


@pytest.mark.parametrize("right", [0, 3, 20])
def test_exact_limits_are_those_of_scipy(right):
    theirs = binomtest(right, 20).proportion_ci(method="exact")
    assert exact_limits(right, 20) == pytest.approx((theirs.low, theirs.high))
