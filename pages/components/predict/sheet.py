"""The predictions of a sheet on the page, in order of doubt, and which of them is chosen."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import streamlit as st

from core.prediction import Status
from core.records import sheets
from core.records.sheets import Sheet, SheetReading
from core.records.store import Store
from core.taxonomy import KEYS, OUTSIDE_KEYS
from pages.components.reading import image

CHOSEN = "predict_chosen"
SUSPECTED = "suspected"


@dataclass(frozen=True, eq=False)
class Group:
    """Predictions that count as the same.

    Attributes:
        key: of a class or a kind outside the classes; or ``SUSPECTED``, where a blast or another
            abnormal cell is suspected and no person has said yet what it is.
    """

    key: str
    readings: tuple[SheetReading, ...]

    @property
    def count(self) -> int:
        """How many real cells there are; synthetic examples stand among them uncounted."""
        return sum(not one.is_example for one in self.readings)


@dataclass(frozen=True, eq=False)
class OnSheet:
    """What stands on a sheet now; the session holds only which prediction is chosen."""

    readings: tuple[SheetReading, ...] = ()

    @classmethod
    def of(cls, store: Store, sheet: Sheet | None) -> Self:
        """All of a sheet, read from the log."""
        found = sheets.listed(store, sheet) if sheet else []
        return cls(tuple(map(_with_thumbnail, found)))

    @cached_property
    def by_doubt(self) -> list[SheetReading]:
        """All predictions: those to refer first, then the least confident."""
        return sorted(self.readings, key=lambda a: (a.status != Status.REFERRED, a.confidence))

    @property
    def current(self) -> SheetReading | None:
        """The chosen prediction, else the most doubtful one."""
        chosen = st.session_state.get(CHOSEN)
        found = [one for one in self.readings if one.id == chosen] or self.by_doubt
        return found[0] if found else None

    def step(self, by: int) -> None:
        """Chooses the next or the previous prediction in order of doubt."""
        order, current = self.by_doubt, self.current
        if current is not None:
            choose(order[(order.index(current) + by) % len(order)].id)

    def choose_next_open(self) -> None:
        """Chooses the next prediction in order of doubt that a person still has to look at."""
        order, current = self.by_doubt, self.current
        place = order.index(current) + 1 if current else 0
        for one in (*order[place:], *order[:place]):
            if one.is_open and one is not current:
                choose(one.id)
                return

    @cached_property
    def groups(self) -> list[Group]:
        """All predictions by what they count as, each in order of doubt.

        Suspected blasts come first, then the classes in the taxonomy's order, then what is none
        of them; a person's label counts before the model's.
        """
        readings = defaultdict(list)
        for one in self.by_doubt:
            readings[SUSPECTED if one.is_suspected else one.final_label].append(one)
        return [
            Group(key, tuple(readings[key]))
            for key in (SUSPECTED, *KEYS, *OUTSIDE_KEYS)
            if key in readings
        ]


def choose(reading_id: int) -> None:
    """Chooses the prediction that is shown large."""
    st.session_state[CHOSEN] = reading_id


def _with_thumbnail(reading: SheetReading) -> SheetReading:
    if reading.thumbnail:
        return reading
    return replace(reading, thumbnail=image.held_thumbnail(reading.id))
