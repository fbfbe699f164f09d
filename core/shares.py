"""A share of a count, and how sure it is."""

from scipy.stats import beta


def exact_limits(count: int, total: int) -> tuple[float, float]:
    """Exact 95% limits of the share ``count / total``, in [0, 1]; of nothing, all is possible.

    Source: Clopper and Pearson 1934, Biometrika 26:404.
    """
    low = float(beta.ppf(0.025, count, total - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, total - count)) if count < total else 1.0
    return low, high
