"""What a case says now: what each reader calls each cell, and what it is called in the end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from core.cases.differential import SUSPECTED
from core.cases.labels import UNIDENTIFIED, case_label, is_label
from core.prediction import Status
from core.records.cases.contents import NAMING, OF_CELLS, Cell, Event, Kind, Place


@dataclass(frozen=True)
class Said:
    """What people call a cell; None where they have not said."""

    first: str | None = None
    second: str | None = None
    settled: str | None = None

    def by(self, place: Place) -> str | None:
        """What a reader at that place calls it."""
        return {
            Place.FIRST: self.first,
            Place.SECOND: self.second,
            Place.SETTLER: self.settled,
        }[place]

    @property
    def differs(self) -> bool:
        """Whether the two readers would count it as something else, and nobody has settled it."""
        if self.settled or not self.first or not self.second:
            return False
        return case_label(self.first).counts_as != case_label(self.second).counts_as

    @property
    def final(self) -> str | None:
        """What it is called in the end; None as long as nobody has said, or the two differ.

        Readers who name another form of one class agree about the class alone.
        """
        if self.settled or self.differs:
            return self.settled
        if self.first and self.second and self.first != self.second:
            return case_label(self.first).counts_as
        return self.first or self.second


@dataclass(frozen=True)
class Standing:
    """What the events of a case come to.

    Attributes:
        said: by cell; those are missing of which nobody has said anything.
        versions: how many events each cell has by readers at each place.
        undone: ids of acts that are taken back.
    """

    said: dict[int, Said] = field(default_factory=dict)
    versions: dict[tuple[Place | None, int], int] = field(default_factory=dict)
    undone: frozenset[int] = frozenset()

    def of(self, cell: int) -> Said:
        """What people call a cell."""
        return self.said.get(cell, Said())

    def version(self, place: Place, cell: int) -> int:
        """How many events of a cell a reader at that place has seen: their own; a settler, all."""
        places = tuple(Place) if place is Place.SETTLER else (place,)
        return sum(self.versions.get((one, cell), 0) for one in places)


def standing(events: Iterable[Event]) -> Standing:
    """What these events, in order, come to."""
    acts = [event for event in events if event.kind in OF_CELLS]
    undone = _undone(acts)
    named: dict[int, dict[Place | None, str]] = {}
    versions: dict[tuple[Place | None, int], int] = {}
    for act in acts:
        live = act.kind in NAMING and act.id not in undone
        for cell, label in act.cells.items():
            versions[act.place, cell] = versions.get((act.place, cell), 0) + 1
            if live and label is not None:
                named.setdefault(cell, {})[act.place] = label
    said = {
        cell: Said(by.get(Place.FIRST), by.get(Place.SECOND), by.get(Place.SETTLER))
        for cell, by in named.items()
    }
    return Standing(said, versions, undone)


def stands_on(events: Iterable[Event], act: Event, undone: Collection[int]) -> bool:
    """Whether a later act of a reader at the same place names one of the act's cells anew."""
    return any(
        later.id > act.id
        and later.place == act.place
        and later.kind in NAMING
        and later.id not in undone
        and not later.cells.keys().isdisjoint(act.cells)
        for later in events
    )


def last_act(events: Iterable[Event], place: Place) -> Event | None:
    """The act that a reader at that place would take back now; None where there is none."""
    acts = [event for event in events if event.place == place and event.kind in OF_CELLS]
    undone = _undone(acts)
    live = [act for act in acts if act.kind in NAMING and act.id not in undone]
    return live[-1] if live else None


def last_undone(events: Iterable[Event], place: Place) -> Event | None:
    """The act that they would do again: the last taken back, if they named nothing since."""
    acts = [event for event in events if event.place == place and event.kind in OF_CELLS]
    named = max((act.id for act in acts if act.kind in NAMING), default=0)
    undone = _undone(acts)
    backs = [act for act in acts if act.kind is Kind.UNDO and act.id > named]
    again = [act.target_id for act in backs if act.target_id in undone]
    return next((act for act in acts if again and act.id == again[-1]), None)


def called(cell: Cell, said: Said) -> str:
    """What a cell counts as for the present, a label or ``SUSPECTED``: the model's until named."""
    if said.final or said.differs:
        return said.final or UNIDENTIFIED
    if cell.suggestion is None or not is_label(cell.suggestion.label):
        return UNIDENTIFIED
    return SUSPECTED if cell.suggestion.status == Status.REFERRED else cell.suggestion.label


def _undone(acts: Iterable[Event]) -> frozenset[int]:
    undone: set[int] = set()
    for act in acts:
        if act.target_id is not None:
            (undone.add if act.kind is Kind.UNDO else undone.discard)(act.target_id)
    return frozenset(undone)
