"""The differential: what share of white cells each class has, and how sure a count of so many is.

Limits are the exact binomial ones, which rounded outward are the table of Rümke that hangs in
laboratories. Wilson's are narrower and would disagree with it.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.cases.labels import LABELS, Counts, case_label
from core.shares import exact_limits
from core.taxonomy import KEYS

SUSPECTED = "suspected"
SUSPECTED_NAME = "Suspected blast or abnormal cell"
_COUNTED = {
    counts: [one.key for one in LABELS if one.counts == counts and one.counts_as == one.key]
    for counts in Counts
}


@dataclass(frozen=True)
class Counted:
    """One class of a differential.

    Attributes:
        key: of the label; ``SUSPECTED`` for cells that a model refers.
        count: cells of it.
        per_100: of 100 white cells.
        low, high: 95% limits of ``per_100``.
    """

    key: str
    count: int
    per_100: float
    low: float
    high: float

    @property
    def rounded(self) -> tuple[int, int]:
        """The limits as the table on the wall has them: whole, rounded outward."""
        # What is whole but for the last digits of a float is whole.
        return math.floor(round(self.low, 9)), math.ceil(round(self.high, 9))

    @property
    def name(self) -> str:
        """As a reader sees it."""
        return SUSPECTED_NAME if self.key == SUSPECTED else case_label(self.key).name


@dataclass(frozen=True)
class Differential:
    """A count of white cells.

    Attributes:
        white_cells: all that are counted.
        shares: classes of white cells, which make up 100%.
        beside: erythroblasts and others that are no white cells, per 100 white cells; they may be
            more than 100.
    """

    white_cells: int
    shares: tuple[Counted, ...]
    beside: tuple[Counted, ...]

    def of(self, key: str) -> Counted:
        """What was counted of a class of white cells, also where that is nothing."""
        found = (one for one in self.shares if one.key == key)
        return next(found, Counted(key, 0, *_share(0, self.white_cells)))


def differential(labels: Iterable[str], suspected: int = 0) -> Differential:
    """The differential of these cells.

    Args:
        labels: of each cell, as ``core.cases.labels`` has them: each counts as that says.
        suspected: further white cells that a model refers, and nobody has named yet.

    Raises:
        KeyError: there is no such label.
    """
    counts = Counter(case_label(label).counts_as for label in labels)
    white = [key for key in _COUNTED[Counts.WHITE] if key in KEYS or counts[key]]
    if suspected:
        white.append(SUSPECTED)
        counts[SUSPECTED] = suspected
    total = sum(counts[key] for key in white)
    shares = tuple(Counted(key, counts[key], *_share(counts[key], total)) for key in white)
    others = (key for key in _COUNTED[Counts.BESIDE] if counts[key])
    beside = tuple(Counted(key, counts[key], *_ratio(counts[key], total)) for key in others)
    return Differential(total, shares, beside)


def _share(count: int, total: int) -> tuple[float, float, float]:
    low, high = exact_limits(count, total)
    return 100 * count / total if total else 0.0, 100 * low, 100 * high


def _ratio(count: int, white: int) -> tuple[float, float, float]:
    """Per 100 white cells: of all cells of both, the share's limits, made odds."""
    limits = exact_limits(count, count + white)
    low, high = (share / (1 - share) if share < 1 else math.inf for share in limits)
    return 100 * count / white if white else math.inf, 100 * low, 100 * high
