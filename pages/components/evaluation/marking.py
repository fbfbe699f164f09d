"""The buttons that mark a label suspect, and the way on to the next one."""

import pandas as pd
import streamlit as st

from core.access import labels
from core.errors import AccessError, RecordError
from core.records.label_marks import Doubt, Verdict
from pages.components.shared import resources
from pages.components.shared.words import plain
from pages.components.shell import guard

CURRENT, SAID, FAILED = "suspects_current", "suspects_said", "suspects_failed"
BUTTONS = (
    (Verdict.RIGHT, "Label is right", ":material/check:", "1"),
    (Verdict.WRONG, "Label is wrong", ":material/close:", "2"),
    (Verdict.UNSURE, "Unsure", ":material/question_mark:", "3"),
)


def position(paths: list[str]) -> int:
    """Which of these suspects is shown: the one that was gone on to, else the first."""
    current = st.session_state.get(CURRENT)
    return paths.index(current) if current in paths else 0


def show(path: str) -> None:
    """Makes this suspect the one that is shown."""
    st.session_state[CURRENT] = path


def verdicts(doubt: Doubt, following: str) -> None:
    """Draws what a person may say of a label; having said it, they see the ``following`` one."""
    with st.container(horizontal=True, gap="xsmall"):
        for verdict, name, icon, key in BUTTONS:
            st.button(
                name,
                key=f"suspects_{verdict}",
                icon=icon,
                shortcut=key,
                on_click=_say,
                args=(doubt, verdict, following),
            )


def steps(paths: list[str], at: int) -> None:
    """Draws the buttons that show the suspects before and after this one."""
    for name, by in (("Previous", -1), ("Next", 1)):
        st.button(
            name,
            key=f"suspects_{name}",
            shortcut=name[0],
            disabled=len(paths) < 2,
            on_click=show,
            args=(paths[(at + by) % len(paths)],),
        )


def undo(found: pd.DataFrame) -> None:
    """Draws the button that takes back what was said last of one of these suspects."""
    said = st.session_state.get(SAID, [])
    st.button(
        "Undo",
        key="suspects_undo",
        icon=":material/undo:",
        shortcut="U",
        disabled=not said or said[-1].path not in set(found["path"]),
        on_click=_undo,
    )


def failure() -> None:
    """Draws why the last mark was not kept, once."""
    if failed := st.session_state.pop(FAILED, None):
        st.error(plain(failed), icon=":material/error:")


def _say(doubt: Doubt, verdict: Verdict, following: str) -> None:
    if _kept(doubt, verdict):
        st.session_state.setdefault(SAID, []).append(doubt)
        show(following)


def _undo() -> None:
    doubt = st.session_state[SAID][-1]
    if _kept(doubt, Verdict.WITHDRAWN):
        st.session_state[SAID].pop()
        show(doubt.path)


def _kept(doubt: Doubt, verdict: Verdict) -> bool:
    """Whether the mark was written; the account is read anew, for a click comes before the page."""
    account = guard.signed_in()
    if account is None:
        return False
    try:
        labels.mark(resources.store(), account, doubt, verdict)
    except (AccessError, RecordError) as error:
        st.session_state[FAILED] = f"Not saved. {error}"
        return False
    return True
