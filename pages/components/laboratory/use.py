"""The laboratory profile in use, the others that there are, and the way back."""

from dataclasses import replace

import streamlit as st

from core.access.accounts import Account
from core.analysis.in_use import in_use, put_in_use
from core.analysis.profiles import load_profile, profile_names
from core.errors import ProfileError
from core.records import audit
from core.settings import settings
from pages.components.shared import resources


def draw(account: Account) -> None:
    """Draws what is in use, with one click to stop it and one to take another."""
    chosen, known = in_use(settings()).profile, profile_names(settings())
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(_described(chosen), icon=":material/check_circle:")
            st.button(
                "Stop using it",
                key="laboratory_stop",
                icon=":material/undo:",
                on_click=use,
                args=(None, account),
            )
    else:
        st.info(
            "No laboratory profile is in use: each picture is judged by itself.",
            icon=":material/info:",
        )
    others = [name for name in known if name != chosen]
    if others:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Profiles made before", others, key="laboratory_known")
            st.button("Use it", key="laboratory_use", on_click=use, args=(name, account))


def use(name: str | None, account: Account) -> None:
    """Puts a profile in use for everybody, or stops using one; both stand in the audit trail."""
    before = in_use(settings())
    put_in_use(replace(before, profile=name), settings())
    deed = "laboratory profile used" if name else "laboratory profile no longer used"
    audit.record(resources.store(), account.username, deed, name or before.profile or "")


def _described(name: str) -> str:
    try:
        profile = load_profile(name, settings())
    except ProfileError as error:
        return str(error)
    return (
        f"Every answer is given under the laboratory profile **{name}**, made on "
        f"{profile.created:%d %B %Y} from {profile.cells} cells."
    )
