"""What a person makes of a reading: confirm, correct, take it back, by the same keys everywhere."""

from collections.abc import Callable

import streamlit as st

from core.access import labels
from core.access.accounts import Account
from core.errors import AccessError, RecordError
from core.prediction import Status
from core.records.readings import LoggedReading, PersonLabel
from core.taxonomy import CLASSES, OUTSIDE, kind
from pages.components.shared import cells, resources

FAILED = "verdict_failed"


def confirm(reading: LoggedReading, account: Account) -> None:
    """Draws the button to confirm, or what the person said and the way back."""
    said = reading.standing
    if said:
        _said(said, reading, account)
    if said and said.account_id == account.id:
        st.button(
            "Undo",
            key="verdict_undo",
            icon=":material/undo:",
            shortcut="U",
            on_click=_do,
            args=("Not undone.", labels.take_back, account, reading.id),
        )
        return
    # What may be a blast must not become a normal cell by one careless key.
    referred = reading.prediction.status == Status.REFERRED
    st.button(
        f"Not a blast: {kind(reading.prediction.label).name.lower()}" if referred else "Confirm",
        key="verdict_confirm",
        type="secondary" if referred else "primary",
        shortcut=None if referred else "Enter",
        on_click=_do,
        args=("Not saved.", labels.give, account, reading.id, reading.prediction.label),
    )


def classes(reading: LoggedReading, account: Account) -> None:
    """Draws a button for each class, and for each kind of cell outside the classes."""
    for question, kinds in (("It is …", CLASSES), ("None of these: …", OUTSIDE)):
        st.caption(question)
        with st.container(horizontal=True, gap="xsmall"):
            for known in kinds:
                st.button(
                    f"{known.glyph} {known.name}",
                    key=f"verdict_is_{known.key}",
                    shortcut=known.shortcut,
                    disabled=known.key == reading.person_label,
                    on_click=_do,
                    args=("Not saved.", labels.give, account, reading.id, known.key),
                )


def failed() -> None:
    """Draws why the last click changed nothing, once."""
    told = st.session_state.pop(FAILED, None)
    if told:
        st.error(told, icon=":material/error:")


def _said(said: PersonLabel, reading: LoggedReading, account: Account) -> None:
    who = "You" if said.account_id == account.id else said.by or "Somebody"
    if said.label == reading.prediction.label:
        st.text(f"{who} confirmed it.")
        return
    st.text(f"{who} say:" if who == "You" else f"{who} says:")
    cells.class_badge(said.label)


def _do(else_: str, deed: Callable[..., object], account: Account, *told: object) -> None:
    try:
        deed(resources.store(), account, *told)
    except (AccessError, RecordError) as error:
        st.session_state[FAILED] = f"{else_} {error}"
