"""How the first admin comes in: a link on the terminal, for whoever started the server."""

from collections.abc import Callable
from threading import Lock

from core.access import tokens
from core.records.store import Store

_said: set[str] = set()
_lock = Lock()


def announce(store: Store, address: str, say: Callable[[str], None] = print) -> None:
    """Says once a process and database how to become the first admin, if there is none yet.

    Args:
        address: where the dashboard is served, e.g. ``http://localhost:8501``.
        say: where the link is written; it must be seen by the operator alone.
    """
    url = str(store.engine.url)
    with _lock:
        if url in _said:
            return
        _said.add(url)
    token = tokens.make_set_up(store)
    if token is not None:
        link = f"{address}/?setup={token}"
        say(f"No account yet. Become the first admin (one use, within 24 hours):\n  {link}")
