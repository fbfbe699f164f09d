"""Signing in and out: streamlit-authenticator's form over the accounts of ``core.access``.

The library compares passwords with a dictionary and trusts every cookie that it once signed.
Here the password goes to ``core.access.signin``, which knows the lock-out, and the cookie to
``core.access.sessions``, which asks the database each time.
"""

from typing import Any

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from core.access import accounts, sessions, signin, throttle
from core.access.accounts import Account
from core.errors import AccessError
from core.settings import settings
from pages.components.shared import resources
from pages.components.shared.words import plain
from pages.components.shell import cookie, guard, links

NO_ACCOUNT = (
    "There is no account yet. The program printed a link to make the first admin where it was "
    "started; open that link."
)
FIELDS = {
    "Form name": "Sign in",
    "Username": "User name",
    "Password": "Password",
    "Login": "Sign in",
}


class _Accounts(AuthenticationModel):  # type: ignore[misc]  # the library has no types
    """The library's model, with the question whether a password fits put to the database."""

    refusal: str | None = None

    def check_credentials(self, username: str, password: str) -> bool:
        """Whether they fit; if so this session gets its token."""
        try:
            _throttle().attempt(st.context.ip_address or "this machine")
            account = signin.sign_in(resources.store(), username, password, settings())
        except AccessError as error:
            self.refusal = str(error)
            return False
        token = sessions.issue(account, settings())
        st.session_state[guard.TOKEN] = token
        cookie.begin(token)
        return True


class _NoCookie:
    """In place of the library's cookie, which ``pages.components.shell.cookie`` replaces."""

    def get_cookie(self) -> None:
        """Nothing: the guard has looked at the cookie before the form is drawn."""

    def set_cookie(self) -> None:
        """Nothing: the cookie is written on the first run that is signed in."""


class _SignIn(Authenticate):  # type: ignore[misc]
    """The library's form with both models replaced."""

    def __init__(self) -> None:  # the base class would draw its cookie's iframe
        self.path = None
        self.attrs = {"login_sleep_time": 0}
        key = sessions.cookie_key(settings())
        self.model = _Accounts(_credentials(), auto_hash=False, secret_key=key)
        self.authentication_controller = AuthenticationController(
            _credentials(), auto_hash=False, secret_key=key
        )
        self.authentication_controller.authentication_model = self.model
        self.cookie_controller = _NoCookie()


def form() -> None:
    """Draws the sign-in; once it succeeds, the page runs again as that account."""
    if not accounts.any_account(resources.store()):
        st.info(NO_ACCOUNT, icon=":material/key:")
    entrance = _SignIn()
    entrance.login(fields=FIELDS, key="sign_in")
    if entrance.model.refusal:
        st.error(plain(entrance.model.refusal), icon=":material/lock:")
    elif guard.TOKEN in st.session_state:
        for left_over in (links.DONE, cookie.ENDED, guard.DISABLED):
            st.session_state.pop(left_over, None)
        st.rerun()


def sign_out(account: Account) -> None:
    """Ends the account's sessions everywhere and forgets what this one holds."""
    accounts.sign_out(resources.store(), account)
    cookie.forget_session()


def _credentials() -> dict[str, Any]:
    """The users as the library wants them, built anew each time; the hashes stay where they are."""
    everyone = accounts.list_accounts(resources.store())
    return {
        "usernames": {a.username: {"name": a.display_name, "roles": [a.role]} for a in everyone}
    }


@st.cache_resource
def _throttle() -> throttle.Throttle:
    return throttle.Throttle(throttle.ATTEMPTS_PER_MINUTE)
