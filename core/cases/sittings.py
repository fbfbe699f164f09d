"""Who reads a case as what, and how far they are: worked out from its events.

Whoever reads as the second may see nothing of the first, and so nobody who might still become the
second may either; what is read is shown to all when both are done.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.records.cases.contents import Event, Kind, Place

RULES = (100, 200, 400)
TWO_READERS = 400  # the rule that two readers share, each with half of the cells (CLSI H20)


@dataclass(frozen=True)
class Sittings:
    """The readers of a case.

    Attributes:
        wanted: as what it is to be read.
        holders: as what each account reads it; once taken, for good.
        ended: what was read to its end.
        compared: whether both were at their end once, so that each may know the other's labels.
    """

    wanted: tuple[Place, ...]
    holders: Mapping[int, Place]
    begun: frozenset[Place]
    ended: frozenset[Place]
    compared: bool

    @property
    def complete(self) -> bool:
        """Whether all has been read."""
        return self.ended.issuperset(self.wanted)

    @property
    def double(self) -> bool:
        """Whether two read it."""
        return Place.SECOND in self.wanted

    def shown_to(self, account_id: int) -> tuple[Place, ...]:
        """As what whose acts an account may see."""
        if self.complete or not self.double:
            return tuple(Place)
        own = self.holders.get(account_id)
        return (own,) if own else ()


def sittings(rule: int, events: Iterable[Event]) -> Sittings:
    """The readers of a case under that rule; events about cells make no difference."""
    double = rule == TWO_READERS
    holders: dict[int, Place] = {}
    begun: set[Place] = set()
    ended: set[Place] = set()
    compared = False
    for event in events:
        if event.kind is Kind.ASK_SECOND:
            double = True
        elif event.kind is Kind.BEGIN and event.place:
            holders[event.account_id] = event.place
            begun.add(event.place)
            ended.discard(event.place)
        elif event.kind is Kind.END and event.place:
            ended.add(event.place)
            begun.discard(event.place)
        compared = compared or (double and ended >= {Place.FIRST, Place.SECOND})
    wanted = (Place.FIRST, Place.SECOND) if double else (Place.FIRST,)
    return Sittings(wanted, holders, frozenset(begun), frozenset(ended), compared)
