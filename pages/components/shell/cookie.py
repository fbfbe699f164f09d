"""The cookie that lets a session survive a reload of the page.

It is written by a component of a few lines and not by streamlit-authenticator's, whose iframe
loses the cookie when the page is drawn again at once, and whose expiry is in the server's time
zone. The cookie ends with the browser; the token in it ends sooner or by ``core.access``.
"""

import streamlit as st

from core.access import sessions

NAME = sessions.COOKIE
ENDED = "session_ended"
_JS = """
export default function({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const life = data.token ? "" : "; Max-Age=0";
  document.cookie = `${data.name}=${data.token}; Path=/; SameSite=Strict${life}${secure}`;
}
"""
_write = st.components.v2.component("session_cookie", js=_JS)


def read() -> str | None:
    """The token that the browser sent when this session began."""
    return st.context.cookies.get(NAME)


def keep(token: str) -> None:
    """Sees to it that the browser holds this token; drawn on every run, it is never lost."""
    _write(key="session_cookie", data={"name": NAME, "token": token})


def forget_session() -> None:
    """Empties the session, so that the next person at this browser finds nothing of the last's."""
    st.session_state.clear()
    st.session_state[ENDED] = True


def drop() -> None:
    """Takes the cookie of an ended session from the browser; a stranger's tab is left alone."""
    if read() or ENDED in st.session_state:
        _write(key="session_cookie", data={"name": NAME, "token": ""})
