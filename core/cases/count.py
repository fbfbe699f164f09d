"""Which cells of a case are counted, what they come to, and what is left to do before signing.

Cells are taken in scan order until the rule's number of white cells is reached. By the rule of 400
two readers count 200 each, of different cells, so that the limits are those of 400: the first has
every other cell from the first on, the second those between.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.cases.differential import SUSPECTED, Differential, differential
from core.cases.labels import UNIDENTIFIED, Counts, case_label
from core.cases.sittings import TWO_READERS, Sittings, sittings
from core.cases.standing import Standing, called, standing
from core.prediction import NEEDS_REVIEW, Status
from core.records.cases.contents import Case, Cell, Place


@dataclass(frozen=True)
class Stream:
    """Cells that are counted one after another.

    Attributes:
        readers: who must see each of them.
        cells: all there are, in scan order; ``scanned`` of them reach as far as the count does.
        missing: how many white cells there are too few.
    """

    readers: tuple[Place, ...]
    cells: tuple[Cell, ...]
    scanned: int
    missing: int


@dataclass(frozen=True)
class Count:
    """What a case comes to now.

    Attributes:
        cells: ids of those that were scanned, in scan order.
        missing: how many white cells there are fewer than the rule wants.
    """

    cells: tuple[int, ...]
    missing: int
    differential: Differential


@dataclass(frozen=True)
class Left:
    """What is left to do before a case can be signed: ids of cells, in scan order.

    Attributes:
        readings: those that are not at their end.
        missing: how many white cells there are fewer than the rule wants.
        doubtful: cells for review that nobody who must has seen, also beyond the count.
        unseen: others in the count that somebody who must has not seen.
        unidentified: those that are called so.
        disagreements: those that the two readers count as something else.
    """

    readings: tuple[Place, ...]
    missing: int
    doubtful: tuple[int, ...]
    unseen: tuple[int, ...]
    unidentified: tuple[int, ...]
    disagreements: tuple[int, ...]

    @property
    def nothing(self) -> bool:
        """Whether it can be signed."""
        return not any(vars(self).values())


def count(case: Case) -> Count:
    """The count of a case, as far as its viewer may know."""
    now = standing(case.events)
    streams = _streams(case, now)
    scanned = {cell.id for one in streams for cell in one.cells[: one.scanned]}
    cells = [cell for cell in case.cells if cell.id in scanned]
    labels = [called(cell, now.of(cell.id)) for cell in cells]
    named = [label for label in labels if label != SUSPECTED]
    told = differential(named, suspected=len(labels) - len(named))
    return Count(tuple(cell.id for cell in cells), sum(one.missing for one in streams), told)


def shares(case: Case) -> dict[Place, tuple[int, ...]]:
    """The cells in the count that each reader must see, in scan order."""
    streams = _streams(case, standing(case.events))
    return {
        place: tuple(cell.id for cell in one.cells[: one.scanned])
        for one in streams
        for place in one.readers
    }


def left(case: Case, place: Place | None = None) -> Left:
    """What is left to do, by all or by the reader at one place."""
    now = standing(case.events)
    readers = _readers(case)
    places = (place,) if place else readers.wanted
    streams = _streams(case, now)
    waiting = set(_unseen(streams, places, now))
    said = [(cell.id, now.of(cell.id)) for cell in case.cells]
    return Left(
        readings=tuple(one for one in places if one not in readers.ended),
        missing=sum(one.missing for one in streams),
        doubtful=_ids(case, waiting, doubtful=True),
        unseen=_ids(case, waiting, doubtful=False),
        unidentified=tuple(cell for cell, by in said if by.final == UNIDENTIFIED),
        disagreements=tuple(cell for cell, by in said if by.differs),
    )


def rest_of_class(case: Case, place: Place, key: str) -> dict[int, int]:
    """What a reader accepts who accepts the rest of a class: cells and their versions to confirm.

    Cells that the model refers are not among them.
    """
    now, still = standing(case.events), left(case, place)
    waiting = {*still.unseen, *still.doubtful}
    return {
        cell.id: now.version(place, cell.id)
        for cell in case.cells
        if cell.id in waiting
        and cell.suggestion is not None
        and cell.suggestion.label == key
        and cell.suggestion.status != Status.REFERRED
    }


def _readers(case: Case) -> Sittings:
    return sittings(case.rule, case.events)


def _streams(case: Case, now: Standing) -> list[Stream]:
    if case.rule == TWO_READERS:
        half = case.rule // 2
        return [
            _stream((Place.FIRST,), case.cells[0::2], half, now),
            _stream((Place.SECOND,), case.cells[1::2], half, now),
        ]
    return [_stream(_readers(case).wanted, case.cells, case.rule, now)]


def _stream(
    readers: tuple[Place, ...], cells: tuple[Cell, ...], wanted: int, now: Standing
) -> Stream:
    white = 0
    for scanned, cell in enumerate(cells):
        if white == wanted:
            return Stream(readers, cells, scanned, 0)
        label = called(cell, now.of(cell.id))
        white += label == SUSPECTED or case_label(label).counts is Counts.WHITE
    return Stream(readers, cells, len(cells), wanted - white)


def _unseen(streams: list[Stream], places: tuple[Place, ...], now: Standing) -> Iterator[int]:
    """Cells that a reader at one of these places must still see."""
    for stream in streams:
        for reader in set(stream.readers).intersection(places):
            for number, cell in enumerate(stream.cells):
                # Beyond the count one reader looks at what is doubtful.
                must = number < stream.scanned or (reader is stream.readers[0] and _doubted(cell))
                if must and not (now.of(cell.id).by(reader) or now.of(cell.id).settled):
                    yield cell.id


def _ids(case: Case, chosen: set[int], *, doubtful: bool) -> tuple[int, ...]:
    return tuple(cell.id for cell in case.cells if cell.id in chosen and _doubted(cell) == doubtful)


def _doubted(cell: Cell) -> bool:
    return cell.suggestion is None or cell.suggestion.status in NEEDS_REVIEW
