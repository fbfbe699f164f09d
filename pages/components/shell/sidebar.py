"""The foot of the sidebar: the model in use, who is signed in, and the way out."""

import streamlit as st

from core.access import accounts, signin
from core.access.accounts import Account, Role
from core.access.handover import TICKETS
from core.errors import AccessError, BloodCellsError
from core.settings import settings
from pages.components.shared import documents, resources
from pages.components.shared.words import plain
from pages.components.shell import cookie, links, login, screens


def draw(account: Account) -> None:
    """Draws it for a signed-in account."""
    with st.sidebar:
        if account.role == Role.ADMIN and not TICKETS.served:
            _without_gates()
        _model(account)
        st.text(f"{account.display_name}, {account.role.shown.lower()}")
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


def _without_gates() -> None:
    st.badge("Started without its gates", icon=":material/gpp_maybe:", color="orange")
    st.caption(
        "`streamlit run` checks no origin, caps no upload and hides no cookie from scripts. "
        "For others than yourself, start it by `python -m apps.server`."
    )


def _model(account: Account) -> None:
    """What answers; where nothing can, why: on every page, and never in the way of one."""
    try:
        card, profile = resources.active_bundle().card, resources.deployed().profile
    except BloodCellsError as error:
        st.badge("No model in use", icon=":material/warning:", color="orange")
        st.caption(plain(error))
        if account.role in screens.MODELS.roles:
            st.page_link(screens.MODELS.file, label="Models", icon=screens.MODELS.icon)
    else:
        if st.button(
            plain(card.name),
            icon=":material/deployed_code:",
            width="stretch",
            help="Shows the card of the model in use.",
        ):
            documents.open_card(card, all_models=account.role in screens.MODELS.roles)
        if profile:
            st.caption(f"Laboratory profile: {plain(profile)}")


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
        st.error(plain(error))
    else:
        cookie.forget_session()
        st.session_state[links.DONE] = "The new password is set. Sign in with it."
        st.rerun()
