"""Putting another model into use, and the words for who did it when."""

from collections.abc import Callable

import streamlit as st

from core.errors import BloodCellsError
from core.records import deployments
from core.records.deployments import Change, Deployment
from core.settings import settings
from pages.components.shared import resources
from pages.components.shared.words import plain

TOLD = "models_told"
HASH_SHOWN = 12


def attempt(deed: Callable[[], None], done: str) -> None:
    """Does it; the page drawn anew says how it went."""
    try:
        with st.spinner("Opening the network"):
            deed()
    except BloodCellsError as error:
        st.session_state[TOLD] = ("", str(error))
    else:
        st.session_state[TOLD] = (done, "")
    st.rerun()


def outcome() -> None:
    """Draws what the last click came to, once."""
    done, failed = st.session_state.pop(TOLD, ("", ""))
    if failed:
        st.error(plain(failed), icon=":material/error:")
    if done:
        st.toast(plain(done), icon=":material/check:")


def changes() -> list[Change]:
    """Every deployment with what it changed, newest first."""
    found = deployments.newest_first(resources.store())
    return deployments.changes(found, settings().bundle)


def when(deployed: Deployment) -> str:
    """Since when it answers, or answered."""
    return f"{deployed.since:%d %b %Y, %H:%M} UTC" if deployed.since else "the beginning"


def who(deployed: Deployment) -> str:
    """Who put it into use."""
    return deployed.by or "the command line"
