"""What one session has on its Predict page: files that wait, answers, refused files."""

from collections import Counter
from dataclasses import dataclass, field

import streamlit as st

from core.analysis.intake import Refused
from core.prediction import NEEDS_REVIEW, Prediction, Status
from core.taxonomy import KEYS, OUTSIDE_KEYS

KEY = "predict_sheet"


@dataclass(frozen=True)
class Upload:
    """A file that was handed in; ``example`` marks the drawn cells of the project."""

    id: str
    name: str
    data: bytes
    example: bool = False


@dataclass(eq=False)
class Shown:
    """An answer on the page; it stands in the log under ``reading_id``.

    Attributes:
        thumbnail: JPEG for the gallery.
        picture: the image's own bytes.
        label: the label that a person gave, if any.
    """

    reading_id: int
    prediction: Prediction
    thumbnail: bytes
    picture: bytes
    example: bool
    label: str | None = None

    @property
    def open(self) -> bool:
        """Whether a person still has to look."""
        return self.prediction.status in NEEDS_REVIEW and self.label is None

    @property
    def final(self) -> str:
        """The person's label, else the model's."""
        return self.label or self.prediction.label


@dataclass(eq=False)
class Sheet:
    """The state of the page.

    Attributes:
        waiting: files not yet answered in full, by id.
        taken: ids of all files ever handed in, so that none is answered twice.
        done: how many images of a waiting file are answered.
        zone: number of the drop zone; a new one is empty.
    """

    waiting: dict[str, Upload] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    answers: dict[int, Shown] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    chosen: int | None = None
    zone: int = 0

    def offer(self, upload: Upload) -> None:
        """Takes a file in, once."""
        if upload.id not in self.taken:
            if not self.waiting:
                self.refused.clear()  # those of the batch before
            self.taken.add(upload.id)
            self.waiting[upload.id] = upload

    def hand_in(self, name: str, data: bytes, example: bool = False) -> None:
        """Takes in a file that has no id of its own."""
        self.offer(Upload(f"handed-in-{len(self.taken)}", name, data, example))

    def by_doubt(self) -> list[Shown]:
        """All answers: those to refer first, then the least confident."""
        return sorted(
            self.answers.values(),
            key=lambda s: (s.prediction.status != Status.REFERRED, s.prediction.confidence),
        )

    def current(self) -> Shown | None:
        """The chosen answer, else the most doubtful one."""
        if self.chosen in self.answers:
            return self.answers[self.chosen]
        return next(iter(self.by_doubt()), None)

    def step(self, by: int) -> None:
        """Chooses the next or the previous answer in order of doubt."""
        order, current = self.by_doubt(), self.current()
        if current is not None:
            place = (order.index(current) + by) % len(order)
            self.chosen = order[place].reading_id

    def choose_next_open(self) -> None:
        """Chooses the next answer in order of doubt that a person still has to look at."""
        order, current = self.by_doubt(), self.current()
        place = order.index(current) + 1 if current else 0
        others = (s for s in (*order[place:], *order[:place]) if s.open and s is not current)
        self.chosen = next((s.reading_id for s in others), self.chosen)

    def mix(self) -> dict[str, int]:
        """Answers by class, in the taxonomy's order; a person's label counts before the model's.

        What is none of the classes comes last.
        """
        counts = Counter(shown.final for shown in self.answers.values())
        return {key: counts[key] for key in (*KEYS, *OUTSIDE_KEYS) if counts[key]}


def sheet() -> Sheet:
    """The sheet of this session."""
    found: Sheet = st.session_state.setdefault(KEY, Sheet())
    return found


def clear() -> None:
    """Takes everything off the page; the log keeps it."""
    st.session_state[KEY] = Sheet(zone=sheet().zone + 1)
