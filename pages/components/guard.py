"""The first line of every page: who is here, read anew from the database on every run."""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.access import sessions
from core.access.accounts import Account, Role
from core.settings import settings
from pages.components import resources

COOKIE = "blood_cells_session"
TOKEN = "session_token"


def signed_in() -> Account | None:
    """The account of this session's token, or of the browser's cookie; None if neither holds."""
    for token in (st.session_state.get(TOKEN), st.context.cookies.get(COOKIE)):
        account = sessions.account_of(resources.store(), token, settings()) if token else None
        if account is not None:
            st.session_state[TOKEN] = token
            return account
    st.session_state.pop(TOKEN, None)
    return None


def require(*roles: Role) -> Account:
    """The signed-in account, if its role may open this page; else the page ends here.

    Without roles any signed-in account will do. A page of a server that has just started
    can run before ``Home.py`` did, so nothing that ``Home.py`` does is relied upon.
    """
    account = signed_in()
    if account is None:
        _to_front_page()
    elif roles and account.role not in roles:
        refuse()
    else:
        return account
    st.stop()


def refuse() -> None:
    """Draws what somebody sees whose role does not open this page."""
    st.title("Not for your role")
    st.write("Your account does not open this page. An admin can change your role.")


def _to_front_page() -> None:
    try:
        st.switch_page("Home.py")
    except StreamlitAPIException:  # Home.py is no page of its own once it has made the navigation
        st.write("Sign in to see this page.")
