"""How far the two readers of a case agree.

Sources:
    Kappa: Cohen 1960, Educational and Psychological Measurement 20:37.
    Limits: Rümke 1960, Triangel 4:154, which are the exact binomial ones, rounded outward.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.cases.count import shares
from core.cases.differential import Counted, differential
from core.cases.labels import case_label
from core.cases.standing import standing
from core.records.cases.contents import Case, Place

Pair = tuple[str, str]


@dataclass(frozen=True)
class ClassAgreement:
    """How far two readers agree about one class of white cells.

    Attributes:
        both: cells that both call so, of ``either``, those that one of them does.
        first, second: what each of them counted.
    """

    key: str
    both: int
    either: int
    first: Counted
    second: Counted

    @property
    def share(self) -> float | None:
        """Of the cells that one calls so, those that both do; None where nobody does."""
        return self.both / self.either if self.either else None

    @property
    def inside(self) -> bool:
        """Whether the counts differ by no more than the limits of one of them allow."""
        return _inside(self.first, self.second) or _inside(self.second, self.first)


@dataclass(frozen=True)
class Agreement:
    """How far two readers agree about the cells that both have read.

    Attributes:
        cells: how many these are.
        share: of them that both count as the same, in [0, 1]; None where there are none.
        kappa: Cohen's, of them; None where chance alone would have them agree.
    """

    cells: int
    share: float | None
    kappa: float | None
    classes: tuple[ClassAgreement, ...]


def agreement(case: Case) -> Agreement:
    """How far the readers of a case agree, as far as its viewer may know what they said."""
    now = standing(case.events)
    pairs = [
        (case_label(said.first).counts_as, case_label(said.second).counts_as)
        for said in now.said.values()
        if said.first and said.second
    ]
    parts = shares(case)
    first, second = (
        [label for cell in parts.get(place, ()) if (label := now.of(cell).by(place))]
        for place in (Place.FIRST, Place.SECOND)
    )
    return Agreement(len(pairs), _share(pairs), kappa(pairs), _classes(pairs, first, second))


def kappa(pairs: Sequence[Pair]) -> float | None:
    """Cohen's kappa of two readers' labels of the same cells."""
    observed = _share(pairs)
    if observed is None:
        return None
    total = len(pairs)
    first, second = (Counter(one[place] for one in pairs) for place in (0, 1))
    chance = sum(first[key] * second[key] for key in first) / total**2
    return (observed - chance) / (1 - chance) if chance < 1 else None


def _share(pairs: Sequence[Pair]) -> float | None:
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else None


def _classes(
    pairs: Sequence[Pair], first: Sequence[str], second: Sequence[str]
) -> tuple[ClassAgreement, ...]:
    one, other = differential(first), differential(second)
    keys = dict.fromkeys(counted.key for counted in (*one.shares, *other.shares))
    return tuple(
        ClassAgreement(
            key,
            both=sum(pair == (key, key) for pair in pairs),
            either=sum(key in pair for pair in pairs),
            first=one.of(key),
            second=other.of(key),
        )
        for key in keys
    )


def _inside(one: Counted, other: Counted) -> bool:
    low, high = one.rounded
    return low <= other.per_100 <= high
