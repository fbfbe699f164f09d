"""The app's entry: who is here, which pages that opens, and the front page."""

from pathlib import Path

import streamlit as st

from core.access.accounts import Account
from pages.components import guard, layout
from pages.components.screens import SCREENS, Screen

ROOT = Path(__file__).parent


def main() -> None:
    st.set_page_config(layout.NAME, page_icon=str(layout.ICON), layout="wide")
    st.logo(str(layout.ICON), size="large")
    account = guard.signed_in()
    page = st.navigation(signed_in_pages(account) if account else signed_out_pages())
    page.run()
    layout.foot()


def signed_in_pages(account: Account) -> dict[str, list[st.Page]]:
    pages: dict[str, list[st.Page]] = {
        "": [st.Page(front, title="Front page", icon=":material/home:", default=True)]
    }
    for screen in SCREENS:
        if (ROOT / screen.file).exists():
            pages.setdefault(screen.group, []).append(page_for(screen, account))
    return pages


def page_for(screen: Screen, account: Account) -> st.Page:
    if account.role in screen.roles:
        return st.Page(screen.file, title=screen.title, icon=screen.icon, url_path=screen.url_path)
    return st.Page(guard.refuse, title=screen.title, url_path=screen.url_path, visibility="hidden")


def signed_out_pages() -> list[st.Page]:
    """The sign-in at every known address: an unknown one opens a dialog over it."""
    aliases = [
        st.Page(landing, title="Sign in", url_path=s.url_path, visibility="hidden") for s in SCREENS
    ]
    return [st.Page(landing, title="Sign in", default=True), *aliases]


def front() -> None:
    layout.page(layout.NAME, "Drop a picture of a stained white cell and see which one it is.")


def landing() -> None:
    st.title(layout.NAME)


main()
