"""What one session has handed in: files that wait for a prediction, and those that got none."""

from collections import Counter
from dataclasses import dataclass, field

import streamlit as st

from core.analysis.intake import Refused

KEY = "predict_inbox"


@dataclass(frozen=True)
class Upload:
    """A file that was handed in; ``example`` marks the drawn cells of the project."""

    id: str
    name: str
    data: bytes
    example: bool = False


@dataclass(eq=False)
class Inbox:
    """Files on their way to the sheet; what is predicted of them is in the log, not here.

    Attributes:
        waiting: files not yet predicted in full, by id.
        taken: ids of all files ever handed in, so that none is predicted twice.
        done: how many images of a waiting file are predicted.
        zone: number of the drop zone; a new one is empty.
    """

    waiting: dict[str, Upload] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
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


def inbox() -> Inbox:
    """That of this session."""
    found: Inbox = st.session_state.setdefault(KEY, Inbox())
    return found


def empty() -> None:
    """Forgets all files, and offers a new drop zone."""
    st.session_state[KEY] = Inbox(zone=inbox().zone + 1)
