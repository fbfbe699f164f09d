"""What a new run does for laboratories other than its own."""

import streamlit as st

from core.evaluation.laboratories import laboratories
from core.settings import settings
from core.training.config import FurtherData, TrainConfig
from core.training.recipes import across_laboratories
from pages.components.shared.words import plain

FRAMED = "training_framed"
ANY_CELLS = (
    "Nothing is changed: a network that has seen one laboratory's cells reads another's almost "
    "at random."
)


def are_framed() -> bool:
    """Whether cells are to be framed, which sets the augmentation as well."""
    return bool(st.session_state.get(FRAMED))


def draw(disabled: bool) -> tuple[FurtherData, ...]:
    """Draws the choice; gives the further laboratories to learn from."""
    framed = st.toggle(
        "Frame cells alike",
        key=FRAMED,
        help="Cell in the middle and brought to size, white background; and changed in training as "
        "laboratories differ.",
        disabled=disabled,
    )
    if not framed:
        st.caption(ANY_CELLS)
    found = {one.name: one for one in laboratories(settings().laboratories_dir)}
    chosen = st.multiselect(
        "Learn from these, too",
        list(found),
        key="training_further",
        placeholder="none" if found else "There is no external laboratory's folder yet",
        help=f"Folders in {plain(settings().laboratories_dir)}. All their cells are learnt from, "
        "so their evaluation tells nothing afterwards. Kinds outside the classes, such as blast, "
        "become outputs of their own.",
        disabled=disabled or not found,
    )
    repeat = 1
    if chosen:
        repeat = st.number_input(
            "Times an epoch shows each of their cells",
            1,
            100,
            key="training_repeat",
            help="More lets a few cells weigh as much as many of the data set.",
            disabled=disabled,
        )
    return tuple(
        FurtherData(str(found[name].root), repeat, source=f"laboratory {name}") for name in chosen
    )


def applied(config: TrainConfig) -> TrainConfig:
    """The run as it is chosen."""
    return across_laboratories(config) if are_framed() else config
