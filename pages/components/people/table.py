"""The accounts as a table, and what an admin does with the one that is chosen."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from core.access import accounts, tokens
from core.access.accounts import Account, Role
from core.errors import AccessError
from pages.components.shared import resources
from pages.components.shared.words import plain

LINK, NOTICE = "people_link", "people_notice"


def draw(admin: Account) -> None:
    """Draws the table, the actions on the chosen account and the way to add one."""
    everyone = accounts.list_accounts(resources.store())
    chosen = _table(everyone)
    if notice := st.session_state.pop(NOTICE, None):
        st.success(plain(notice), icon=":material/check:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Add a person", icon=":material/person_add:", type="primary"):
            _add(admin)
        if chosen is None:
            st.caption("Choose a row to change that account.")
        else:
            _actions(admin, chosen)
    _show_link()


def _table(everyone: list[Account]) -> Account | None:
    rows = [
        {
            "User name": person.username,
            "Name": person.display_name,
            "Role": person.role.shown,
            "State (UTC)": _state(person),
            "Last seen (UTC)": _seen(person),
            "Failed sign-ins": person.failed_attempts,
        }
        for person in everyone
    ]
    event = st.dataframe(
        rows,
        key="people_rows",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "State (UTC)": st.column_config.TextColumn(width="medium"),
            "Failed sign-ins": st.column_config.NumberColumn(width="small"),
        },
    )
    picked = event["selection"]["rows"]
    return everyone[picked[0]] if picked and picked[0] < len(everyone) else None


def _seen(person: Account) -> str:
    return f"{person.last_seen:%d %b %Y, %H:%M}" if person.last_seen else "Never"


def _state(person: Account) -> str:
    if person.disabled:
        return "Disabled"
    if person.locked and person.locked_until:
        return f"Locked until {person.locked_until:%H:%M}"
    return "Active"


def _actions(admin: Account, person: Account) -> None:
    store, name = resources.store(), person.username
    st.text(name)
    with st.popover("Role", icon=":material/badge:"):
        for role in (role for role in Role if role != person.role):
            _button(
                f"Make {role.shown.lower()}",
                partial(accounts.set_role, store, name, role, admin),
                f"{name} is {role.shown.lower()} now; their sessions ended.",
            )
    if person.disabled:
        _button(
            "Enable", partial(accounts.enable, store, name, admin), f"{name} may sign in again."
        )
    else:
        _button(
            "Disable",
            partial(accounts.disable, store, name, admin),
            f"{name} is disabled; their sessions ended.",
        )
    if person.locked:
        _button("Unlock", partial(accounts.unlock, store, name, admin), f"{name} is unlocked.")
    _button("Reset link", partial(_make_link, person, admin), "")


def _button(label: str, deed: Callable[[], object], notice: str) -> None:
    if not st.button(label):
        return
    try:
        deed()
    except AccessError as error:
        st.error(plain(error))
        return
    if notice:
        st.session_state[NOTICE] = notice
    st.rerun()


def _make_link(person: Account, admin: Account) -> None:
    token = tokens.make_reset(resources.store(), person.username, admin)
    here = urlsplit(st.context.url or "http://localhost:8501/")
    above = here.path.removesuffix("people")  # the dashboard may lie under a path of a proxy's
    link = f"{here.scheme}://{here.netloc}{above or '/'}?reset={token}"
    st.session_state[LINK] = (person.username, link)


def _show_link() -> None:
    if LINK not in st.session_state:
        return
    username, link = st.session_state.pop(LINK)
    with st.container(border=True):
        st.text(f"One-time link for {username}. It is shown this once and ends in 24 hours.")
        st.code(link, language=None, wrap_lines=True)


@st.dialog("Add a person")
def _add(admin: Account) -> None:
    with st.form("add_person", border=False):
        username = st.text_input("User name", help="Letters a to z, digits and . _ @ + -")
        name = st.text_input("Full name")
        role = Role(st.selectbox("Role", [*Role], format_func=lambda role: role.shown))
        st.caption("You get a one-time link, with which they set their own password.")
        if not st.form_submit_button("Add", type="primary"):
            return
    try:
        person = accounts.invite(resources.store(), username, name, role, admin)
        _make_link(person, admin)
    except AccessError as error:
        st.error(plain(error))
        return
    st.session_state[NOTICE] = f"{person.username} is added as {role}. Hand over the link below."
    st.rerun()
