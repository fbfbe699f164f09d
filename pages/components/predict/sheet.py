"""The answers of a sheet on the page, in order of doubt, and which of them is chosen."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import streamlit as st

from core.prediction import Status
from core.records import sheets
from core.records.sheets import Answer, Sheet
from core.records.store import Store
from core.taxonomy import KEYS, OUTSIDE_KEYS
from pages.components.reading import image

CHOSEN = "predict_chosen"


@dataclass(frozen=True, eq=False)
class OnSheet:
    """What stands on a sheet now; the session holds only which answer is chosen."""

    answers: tuple[Answer, ...] = ()

    @classmethod
    def of(cls, store: Store, sheet: Sheet | None) -> Self:
        """All of a sheet, read from the log."""
        found = sheets.answers(store, sheet) if sheet else []
        return cls(tuple(map(_with_thumbnail, found)))

    @cached_property
    def by_doubt(self) -> list[Answer]:
        """All answers: those to refer first, then the least confident."""
        return sorted(self.answers, key=lambda a: (a.status != Status.REFERRED, a.confidence))

    @property
    def current(self) -> Answer | None:
        """The chosen answer, else the most doubtful one."""
        chosen = st.session_state.get(CHOSEN)
        found = [one for one in self.answers if one.id == chosen] or self.by_doubt
        return found[0] if found else None

    def step(self, by: int) -> None:
        """Chooses the next or the previous answer in order of doubt."""
        order, current = self.by_doubt, self.current
        if current is not None:
            choose(order[(order.index(current) + by) % len(order)].id)

    def choose_next_open(self) -> None:
        """Chooses the next answer in order of doubt that a person still has to look at."""
        order, current = self.by_doubt, self.current
        place = order.index(current) + 1 if current else 0
        for one in (*order[place:], *order[:place]):
            if one.is_open and one is not current:
                choose(one.id)
                return

    @property
    def mix(self) -> dict[str, int]:
        """Answers by class, in the taxonomy's order; a person's label counts before the model's.

        What is none of the classes comes last.
        """
        counts = Counter(one.final_label for one in self.answers)
        return {key: counts[key] for key in (*KEYS, *OUTSIDE_KEYS) if counts[key]}


def choose(reading_id: int) -> None:
    """Chooses the answer that is shown large."""
    st.session_state[CHOSEN] = reading_id


def _with_thumbnail(answer: Answer) -> Answer:
    if answer.thumbnail:
        return answer
    return replace(answer, thumbnail=image.held_thumbnail(answer.id))
