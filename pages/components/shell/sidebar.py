"""The foot of the sidebar: the bundle in use, who is signed in, and the way out."""

import streamlit as st

from core.access import accounts, signin
from core.access.accounts import Account
from core.analysis.in_use import in_use
from core.errors import AccessError
from core.settings import settings
from core.vision.bundle import Bundle
from pages.components.shared import documents, resources
from pages.components.shell import cookie, links, login


def draw(account: Account) -> None:
    """Draws it for a signed-in account."""
    with st.sidebar:
        _bundle_badge(resources.active_bundle())
        if (chosen := in_use(settings())).profile:
            st.caption(f"Laboratory profile: {chosen.profile}")
        st.text(f"{account.display_name}, {account.role}")
        left, right = st.columns(2)
        if left.button("Password", icon=":material/key:", width="stretch"):
            _change_password(account)
        if right.button(
            "Sign out",
            icon=":material/logout:",
            width="stretch",
            help="Ends your sessions on every device.",
        ):
            login.sign_out(account)
            st.rerun()


def _bundle_badge(bundle: Bundle | None) -> None:
    if bundle is None:
        st.badge(
            f"No bundle {in_use(settings()).bundle}", icon=":material/warning:", color="orange"
        )
        return
    if st.button(
        bundle.name,
        icon=":material/deployed_code:",
        width="stretch",
        help="Shows the card of the bundle that answers.",
    ):
        documents.open_card(bundle.card)


@st.dialog("Change your password")
def _change_password(account: Account) -> None:
    with st.form("change_password", border=False):
        current = st.text_input("Password until now", type="password")
        password, again = links.new_password()
        if not st.form_submit_button("Change it", type="primary"):
            return
    if password != again:
        st.error("The two passwords differ.")
        return
    try:
        signin.sign_in(resources.store(), account.username, current, settings())
        accounts.set_password(resources.store(), account.username, password, account)
    except AccessError as error:
        st.error(str(error))
    else:
        cookie.forget_session()
        st.session_state[links.DONE] = "The new password is set. Sign in with it."
        st.rerun()
