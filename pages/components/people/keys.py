"""API keys: which there are, what each was last used for, making and revoking them."""

import streamlit as st

from core.access import accounts, api_keys
from core.access.accounts import Account, Role
from core.access.api_keys import ApiKey
from core.errors import AccessError
from pages.components.shared import resources
from pages.components.shared.words import plain

SECRET = "people_key_secret"  # noqa: S105 - a name in the session, not a secret


def draw(admin: Account) -> None:
    """Draws the table, the way to make a key and to revoke the chosen one."""
    found = api_keys.list_keys(resources.store())
    if found:
        chosen = _table(found)
    else:
        chosen = None
        st.info("No keys yet. A program needs one to ask over the REST interface under /api.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Make a key", icon=":material/key:", type="primary"):
            _make(admin)
        if chosen is not None and chosen.revoked_at is None:
            if st.button(f"Revoke {chosen.hint}…", icon=":material/key_off:"):
                _revoke(chosen, admin)
        elif found:
            st.caption("Choose a row to revoke that key.")
    if SECRET in st.session_state:
        with st.container(border=True):
            st.text("The new key. It is shown this once; keep it where the program finds it.")
            st.code(st.session_state.pop(SECRET), language=None, wrap_lines=True)


def _revoke(key: ApiKey, admin: Account) -> None:
    try:
        api_keys.revoke(resources.store(), key.id, admin)
    except AccessError as error:
        st.error(plain(error))
    else:
        st.rerun()


def _table(found: list[ApiKey]) -> ApiKey | None:
    event = st.dataframe(
        [
            {
                "Key": f"{key.hint}…",
                "For": key.name,
                "Acts for": key.username,
                "Role": key.role.shown,
                "State": "Active" if key.revoked_at is None else "Revoked",
                "Last used (UTC)": f"{key.last_used:%d %b %Y, %H:%M}" if key.last_used else "Never",
            }
            for key in found
        ],
        key="people_keys",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
    )
    picked = event["selection"]["rows"]
    return found[picked[0]] if picked and picked[0] < len(found) else None


@st.dialog("Make an API key")
def _make(admin: Account) -> None:
    everyone = [a for a in accounts.list_accounts(resources.store()) if not a.disabled]
    with st.form("make_key", border=False):
        name = st.text_input("What it is for", placeholder="e.g. laboratory system, room 2")
        username = st.selectbox("Acts for", [a.username for a in everyone])
        role = Role(st.selectbox("Role", [*Role], format_func=lambda role: role.shown))
        st.caption("A clinician's key sees its own readings in the history, others see all.")
        if not st.form_submit_button("Make", type="primary"):
            return
    try:
        _, secret = api_keys.make(resources.store(), username, name, role, admin)
    except AccessError as error:
        st.error(plain(error))
        return
    st.session_state[SECRET] = secret
    st.rerun()
