"""The app's entry: who is here, which pages that opens, and the front page."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.access.accounts import Account
from core.errors import BloodCellsError
from pages.components.home import drop, landing, tiles
from pages.components.shared import resources
from pages.components.shared.words import plain
from pages.components.shell import cookie, guard, layout, sidebar
from pages.components.shell.screens import SCREENS, Screen


def main() -> None:
    """One run of the app: decides who is here, then runs the page that they asked for."""
    resources.log_this_run()
    layout.begin()
    try:
        account = guard.signed_in()
        page = st.navigation(pages_for(account) if account else sign_in_everywhere())
        if account:
            cookie.keep(st.session_state[guard.TOKEN])
            sidebar.draw(account)
        page.run()
    except BloodCellsError as error:
        st.error(plain(error), icon=":material/error:")
    layout.foot()


def pages_for(account: Account) -> dict[str, list[StreamlitPage]]:
    """The navigation in groups; a page that the role does not open is there, but hidden."""
    pages = {"": [st.Page(front, title="Front page", icon=":material/home:", default=True)]}
    for screen in SCREENS:
        pages.setdefault(screen.group, []).append(page_of(screen, account))
    return pages


def page_of(screen: Screen, account: Account) -> StreamlitPage:
    """The page, or at the same address the sentence that it is not for this role."""
    if account.role in screen.roles:
        return st.Page(screen.file, title=screen.title, icon=screen.icon, url_path=screen.url_path)
    return st.Page(guard.refuse, title=screen.title, url_path=screen.url_path, visibility="hidden")


def sign_in_everywhere() -> list[StreamlitPage]:
    """The sign-in at every known address: an unknown one would open a dialog over it."""
    aliases = [
        st.Page(landing.draw, title="Sign in", url_path=screen.url_path, visibility="hidden")
        for screen in SCREENS
    ]
    return [st.Page(landing.draw, title="Sign in", default=True), *aliases]


def front() -> None:
    """The front page of somebody signed in."""
    account = guard.require()
    layout.page(layout.NAME, landing.SENTENCE)
    drop.zone("Drop cell images here and see which cells they are", key="front_zone")
    drop.go_to_predict()
    tiles.draw(account)


main()
