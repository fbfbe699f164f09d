"""The forms behind one-time links: making the first admin, setting a new password."""

import streamlit as st

from core.access import passwords, tokens
from core.access.tokens import Purpose
from core.errors import AccessError
from pages.components.shared import resources
from pages.components.shared.words import plain

DONE = "link_done"


def purpose() -> Purpose | None:
    """What the link in the address bar is for; None where there is none."""
    return next((p for p in Purpose if p in st.query_params), None)


def form() -> None:
    """Draws the form of the link in the address bar, or why it does not stand."""
    wanted = purpose()
    if wanted is None:
        return
    token = st.query_params[wanted]
    try:
        username = tokens.username_for(resources.store(), wanted, token)
    except AccessError as error:
        st.title("This link does not open anything")
        st.write(plain(error))
        st.button("To the sign-in", on_click=st.query_params.clear)
        return
    if username is None:
        _set_up(token)
    else:
        _reset(token, username)


def notice() -> None:
    """Draws what a link has just done, until somebody signs in."""
    if done := st.session_state.get(DONE):
        st.success(done, icon=":material/check:")


def new_password() -> tuple[str, str]:
    """Draws the two fields of a new password and gives what is in them."""
    first = st.text_input("New password", type="password", help=passwords.RULES)
    again = st.text_input("The same again", type="password")
    return first, again


def _set_up(token: str) -> None:
    st.title("Make the first admin")
    st.caption("This link works once. The admin then adds everybody else on the People page.")
    with st.form("set_up", width=440):
        username = st.text_input("User name", help="Letters a to z, digits and . _ @ + -")
        name = st.text_input("Full name")
        password, again = new_password()
        if not st.form_submit_button("Make this account", type="primary"):
            return
    if password != again:
        st.error("The two passwords differ.")
        return
    try:
        tokens.set_up(resources.store(), token, username, name, password)
    except AccessError as error:
        st.error(plain(error))
    else:
        _finish("The account is made. Sign in with it.")


def _reset(token: str, username: str) -> None:
    st.title("Set a new password")
    st.text(f"for {username}. All running sessions of this account end.")
    with st.form("reset", width=440):
        password, again = new_password()
        if not st.form_submit_button("Set this password", type="primary"):
            return
    if password != again:
        st.error("The two passwords differ.")
        return
    try:
        tokens.reset_password(resources.store(), token, password)
    except AccessError as error:
        st.error(plain(error))
    else:
        _finish("The new password is set. Sign in with it.")


def _finish(notice: str) -> None:
    st.session_state[DONE] = notice
    st.query_params.clear()
    st.rerun()
