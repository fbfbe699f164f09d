"""Every page by every role, and by nobody; also where a page runs without ``Home.py``."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.access import accounts, sessions
from core.access.accounts import Account, Role
from core.dataset import sources
from core.records.store import Store
from core.settings import ROOT, Settings
from pages.components.home import landing
from pages.components.shell import cookie
from pages.components.shell.screens import SCREENS, Screen

OpenPage = Callable[[str, Role], AppTest]
GetAccount = Callable[[Role], Account]
every_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda s: s.url_path)
every_role = pytest.mark.parametrize("role", Role)

ENDINGS: dict[str, Callable[[Store, Account], None]] = {
    "sign-out elsewhere": accounts.sign_out,
    "a new password": lambda store, a: accounts.set_password(
        store, a.username, "another one, long"
    ),
    "a new role": lambda store, a: accounts.set_role(store, a.username, Role.SCIENTIST),
    "disabling": lambda store, a: accounts.disable(store, a.username),
}


@pytest.fixture(autouse=True)
def few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that need a data set draw a small one: the whole takes a quarter of a minute."""
    monkeypatch.setattr(sources, "_SYNTHETIC_PER_CLASS", 6)


def titles(app: AppTest) -> list[str]:
    return [title.value for title in app.title]


def asks_to_sign_in(app: AppTest) -> bool:
    return [field.label for field in app.text_input] == ["User name", "Password"]


def go_to(app: AppTest, url_path: str) -> AppTest:
    """As ``switch_page``, which does not know pages that are functions."""
    pages = app._registered_pages.items()
    app._page_hash = next(key for key, page in pages if page["url_pathname"] == url_path)
    return app.run()


def test_every_page_file_is_in_the_navigation() -> None:
    assert {s.file for s in SCREENS} == {f"pages/{p.name}" for p in (ROOT / "pages").glob("*.py")}


@every_role
@every_screen
def test_a_page_opens_for_its_roles_and_for_no_other(
    open_page: OpenPage, screen: Screen, role: Role
) -> None:
    app = go_to(open_page("Home.py", role), screen.url_path)
    assert not app.exception
    assert (titles(app) == ["Not for your role"]) == (role not in screen.roles)


@every_screen
def test_an_address_without_a_session_shows_the_sign_in(settings: Settings, screen: Screen) -> None:
    app = go_to(AppTest.from_file(ROOT / "Home.py", default_timeout=60).run(), screen.url_path)
    assert not app.exception
    assert asks_to_sign_in(app)


def test_where_there_is_no_account_yet_the_sign_in_says_how_to_make_one(
    settings: Settings, account: GetAccount
) -> None:
    app = AppTest.from_file(ROOT / "Home.py", default_timeout=60).run()
    assert "link to make the first admin" in app.info[0].value
    account(Role.CLINICIAN)
    app.run()
    assert not app.info


@every_screen
def test_a_page_that_runs_before_home_shows_nothing_to_a_stranger(
    settings: Settings, screen: Screen
) -> None:
    app = AppTest.from_file(ROOT / screen.file, default_timeout=60).run()
    assert not app.exception
    assert [text.value for text in app.markdown] == ["Sign in to see this page."]
    assert not titles(app)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SCIENTIST])
def test_a_page_that_runs_before_home_refuses_a_role_by_itself(
    settings: Settings, account: GetAccount, role: Role
) -> None:
    app = AppTest.from_file(ROOT / "pages" / "people.py", default_timeout=60)
    app.session_state["session_token"] = sessions.issue(account(role), settings)
    app.run()
    assert not app.exception
    assert titles(app) == ["Not for your role"]


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_running_session_ends_and_leaves_nothing_behind(
    open_page: OpenPage,
    store: Store,
    account: GetAccount,
    ending: Callable[[Store, Account], None],
) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    app.session_state["dropped_images"] = [("cell.png", b"of the last person")]
    assert not asks_to_sign_in(app)
    ending(store, account(Role.CLINICIAN))
    app.run()
    assert asks_to_sign_in(app)
    assert "dropped_images" not in app.session_state


def test_the_name_of_a_session_alone_opens_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    app.session_state["dropped_images"] = [("cell.png", b"of somebody else")]
    monkeypatch.setattr(cookie, "read", lambda: None)  # another browser, without the cookie
    app.run()
    assert asks_to_sign_in(app)
    assert "dropped_images" not in app.session_state


def test_a_session_goes_on_over_the_connection_that_signed_in(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    app.session_state["session_connection"] = "this one"
    monkeypatch.setattr(cookie, "read", lambda: None)
    monkeypatch.setattr(cookie, "_connection", lambda: "this one")
    assert not asks_to_sign_in(app.run())
    monkeypatch.setattr(cookie, "_connection", lambda: "another")
    assert asks_to_sign_in(app.run())


def test_whose_account_is_disabled_reads_why_the_session_ended(
    open_page: OpenPage, store: Store, account: GetAccount, settings: Settings
) -> None:
    app = open_page("pages/history.py", Role.CLINICIAN)
    accounts.disable(store, account(Role.CLINICIAN).username)
    app.run()
    assert asks_to_sign_in(app)
    assert [one.value for one in app.warning] == [landing.DISABLED]
    stranger = AppTest.from_file(ROOT / "Home.py", default_timeout=60)
    stranger.session_state["session_token"] = "none of ours"
    assert not stranger.run().warning


def test_other_endings_do_not_speak_of_disabling(
    open_page: OpenPage, store: Store, account: GetAccount
) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    accounts.sign_out(store, account(Role.CLINICIAN))
    assert not app.run().warning


def test_a_role_counts_from_the_next_run_on(
    open_page: OpenPage, store: Store, settings: Settings, account: GetAccount
) -> None:
    accounts.create(store, "second", "", Role.ADMIN, "correct horse battery")
    app = open_page("pages/people.py", Role.ADMIN)
    assert titles(app) == ["People"]
    accounts.set_role(store, "admin", Role.CLINICIAN)
    app.session_state["session_token"] = sessions.issue(account(Role.ADMIN), settings)
    app.run()
    assert titles(app) == ["Not for your role"]
