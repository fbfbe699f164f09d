"""The cookie that lets a session survive a reload of the page, and whose a session is.

The server sets it in answer to a request that the page sends with a ticket of one use, so that no
script can read it. Under ``streamlit run`` there is nobody to answer, and the page writes it by
script. It ends with the browser; the token in it ends sooner or by ``core.access``.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.access import sessions
from core.access.handover import OWNERS, TICKETS

NAME = sessions.COOKIE
ENDED = "session_ended"
TICKET = "session_ticket"
CONNECTION = "session_connection"
_JS = """
const sent = new Set();  // each ticket once, however often the page is drawn

export default function({ data }) {
  if (!data.served) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const life = data.token ? "" : "; Max-Age=0";
    document.cookie = `${data.name}=${data.token}; Path=/; SameSite=Strict${life}${secure}`;
    return;
  }
  if (sent.has(data.ticket)) return;
  sent.add(data.ticket);
  if (data.ticket) sent.delete("");  // what comes after a sign-in is another sign-out
  // The app's own files tell where it lies, also under a path of a proxy's.
  const own = document.querySelector('script[src*="static/js/"]').src;
  fetch(own.replace(/static[/]js[/].*/, "session"), {
    method: data.ticket ? "POST" : "DELETE",
    headers: { "X-Session-Ticket": data.ticket },
  });
}
"""
_write = st.components.v2.component("session_cookie", js=_JS)


def read() -> str | None:
    """The token that the browser sent when this connection began."""
    return st.context.cookies.get(NAME)


def begin(token: str) -> None:
    """Notes that somebody has just signed in over this connection, which has no cookie yet."""
    st.session_state[CONNECTION] = _connection()
    if TICKETS.served:
        st.session_state[TICKET] = TICKETS.give(token)


def is_own(token: str) -> bool:
    """Whether the browser that asks has the session's cookie, or signed in over this connection.

    A session goes on for whoever knows its name, so the name alone must not do.
    """
    here = _connection()
    return token == read() or (here is not None and here == st.session_state.get(CONNECTION))


def keep(token: str) -> None:
    """Sees to it that the browser holds this token; drawn until it does, it is never lost."""
    if (context := get_script_run_ctx()) is not None:
        OWNERS.note(context.session_id, token)
    if read() != token:
        _draw(token, st.session_state.get(TICKET, ""))


def forget_session() -> None:
    """Empties the session, so that the next person at this browser finds nothing of the last's."""
    st.session_state.clear()
    st.session_state[ENDED] = True


def drop() -> None:
    """Takes the cookie of an ended session from the browser; a stranger's tab is left alone."""
    if (context := get_script_run_ctx()) is not None:
        OWNERS.note(context.session_id, None)
    if read() or ENDED in st.session_state:
        _draw("", "")


def _draw(token: str, ticket: str) -> None:
    data = {"served": TICKETS.served, "name": NAME, "ticket": ticket}
    if not TICKETS.served:
        data["token"] = token
    _write(key="session_cookie", data=data)


def _connection() -> str | None:
    """What tells one connection from any other: the number that the browser drew for it."""
    return st.context.headers.get("Sec-WebSocket-Key")
