"""What a person makes of a reading: confirm, correct, take it back, by the same keys everywhere."""

import html
from collections.abc import Callable

import streamlit as st

from core.access import labels
from core.access.accounts import Account
from core.errors import AccessError, RecordError
from core.prediction import Status
from core.records.readings import LoggedReading, PersonLabel
from core.taxonomy import CLASSES, OUTSIDE, kind
from pages.components.shared import cells, resources
from pages.components.shared.words import plain

FAILED = "verdict_failed"
LINE_PX = 48
ONE_LINE_EACH = "line-height:1.4;white-space:nowrap;overflow:hidden;text-overflow:ellipsis"


def confirm(reading: LoggedReading, account: Account) -> None:
    """Draws the button to confirm, or the way back, and what a person said.

    It is as high in either case, so that a click moves no button below it under a second click.
    """
    said = reading.standing
    with st.container(
        horizontal=True, wrap=False, vertical_alignment="center", height=LINE_PX, border=False
    ):
        if said and said.account_id == account.id:
            st.button(
                "Undo",
                key="verdict_undo",
                icon=":material/undo:",
                shortcut="U",
                on_click=_do,
                args=("Not undone.", labels.take_back, account, reading.id),
            )
        else:
            _confirm_button(reading, account)
        if said:
            _said(said, reading, account)


def _confirm_button(reading: LoggedReading, account: Account) -> None:
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
    """Says why the last click changed nothing, over the page: it moves no button."""
    told = st.session_state.pop(FAILED, None)
    if told:
        st.toast(plain(told), icon=":material/error:", duration="infinite")


def _said(said: PersonLabel, reading: LoggedReading, account: Account) -> None:
    mine = said.account_id == account.id
    who = "You" if mine else html.escape(said.by or "Somebody")
    if said.label == reading.prediction.label:
        lines = f"{who} confirmed it."
    else:
        lines = f"{who} {'say' if mine else 'says'}:<br>{cells.class_mark(said.label)}"
    st.markdown(f'<div style="{ONE_LINE_EACH}">{lines}</div>', unsafe_allow_html=True)


def _do(else_: str, deed: Callable[..., object], account: Account, *told: object) -> None:
    try:
        deed(resources.store(), account, *told)
    except (AccessError, RecordError) as error:
        st.session_state[FAILED] = f"{else_} {error}"
