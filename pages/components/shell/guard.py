"""The first line of every page: who is here, read anew from the database on every run."""

from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core import logs
from core.access import sessions, signin
from core.access.accounts import Account, Role
from core.errors import RecordError
from core.settings import settings
from pages.components.shared import resources
from pages.components.shell import cookie

TOKEN = "session_token"  # noqa: S105  the key under which the session keeps it
DISABLED = "account_disabled"  # whether the sign-in says that this is why the session ended
SEEN_EVERY = timedelta(minutes=5)


def signed_in() -> Account | None:
    """The account of this session's token, or of the browser's cookie; None if neither holds.

    When a session's token has ended, or another browser goes on with the session, everything that
    the session holds goes with it.
    """
    store, token = resources.store(), st.session_state.get(TOKEN)
    if token and not cookie.is_own(token):
        cookie.forget_session()
        token = None
    account = sessions.account_of(store, token, settings()) if token else None
    if account is None and token:
        cookie.forget_session()
        _note_disabled(token)
    if account is None and (token := cookie.read()):
        account = sessions.resume(store, token, settings())
        if account is None:
            _note_disabled(token)
    if account is None:
        return None
    st.session_state[TOKEN] = token
    logs.bind(account_id=account.id)
    _note_presence(account)
    return account


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


def _note_disabled(token: str) -> None:
    if sessions.ended_by_disabling(resources.store(), token, settings()):
        st.session_state[DISABLED] = True


def _note_presence(account: Account) -> None:
    if account.last_seen and datetime.now(UTC) - account.last_seen < SEEN_EVERY:
        return
    try:
        signin.touch(resources.store(), account)
    except RecordError:
        return  # a full disk must not keep anybody from reading what there is


def _to_front_page() -> None:
    try:
        st.switch_page("Home.py")
    except StreamlitAPIException:  # Home.py is no page of its own once it has made the navigation
        st.write("Sign in to see this page.")
