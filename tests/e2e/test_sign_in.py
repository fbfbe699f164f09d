"""Sign-in in a real browser: the cookie, what ends it, and deep links."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.access import accounts
from core.access.accounts import Role
from pages.components.shell.cookie import NAME
from pages.components.shell.screens import SCREENS
from tests.e2e.conftest import PASSWORD, Served
from tests.e2e.steps import fill, sets_cookie, sign_in, sign_out_button

pytestmark = pytest.mark.browser


def expect_sign_in_only(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_enabled(timeout=60_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)


def session_cookie(page: Page) -> dict[str, object] | None:
    return next((dict(c) for c in page.context.cookies() if c["name"] == NAME), None)


def test_the_session_survives_a_reload(page: Page, served: Served) -> None:
    sign_in(page, served.address, "clinician")
    page.reload()
    expect(sign_out_button(page)).to_be_visible(timeout=60_000)
    cookie = session_cookie(page)
    assert cookie is not None
    assert (cookie["sameSite"], cookie["expires"], cookie["httpOnly"]) == ("Strict", -1, True)
    assert NAME not in str(page.evaluate("document.cookie"))


def test_a_copied_token_is_dead_after_sign_out(
    page: Page, served: Served, browser: Browser
) -> None:
    sign_in(page, served.address, "clinician")
    copied = session_cookie(page)
    assert copied is not None
    with page.expect_response(sets_cookie):
        sign_out_button(page).click()
    expect_sign_in_only(page)
    assert session_cookie(page) is None
    thief = browser.new_context()
    thief.add_cookies([{"name": NAME, "value": str(copied["value"]), "url": served.address}])
    stolen = thief.new_page()
    stolen.goto(served.address)
    expect_sign_in_only(stolen)
    thief.close()


def test_a_copied_token_lives_until_then(page: Page, served: Served, browser: Browser) -> None:
    """The test above would pass with any broken cookie; this one shows that it is not."""
    sign_in(page, served.address, "scientist")
    copied = session_cookie(page)
    assert copied is not None
    other = browser.new_context()
    other.add_cookies([{"name": NAME, "value": str(copied["value"]), "url": served.address}])
    tab = other.new_page()
    tab.goto(served.address)
    expect(sign_out_button(tab)).to_be_visible(timeout=60_000)
    other.close()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda s: s.url_path)
def test_a_deep_link_shows_a_stranger_only_the_sign_in(
    page: Page, served: Served, screen: object
) -> None:
    page.goto(f"{served.address}/{screen.url_path}")
    expect_sign_in_only(page)


def test_a_deep_link_opens_its_page_after_the_sign_in(page: Page, served: Served) -> None:
    sign_in(page, f"{served.address}/people", "admin")
    expect(page.get_by_role("heading", name="People")).to_be_visible(timeout=60_000)


def test_a_role_that_may_not_is_told_so_without_a_dialog(page: Page, served: Served) -> None:
    sign_in(page, f"{served.address}/people", "clinician")
    expect(page.get_by_role("heading", name="Not for your role")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_admin_adds_somebody_who_sets_a_password_and_changes_it(
    page: Page, served: Served, browser: Browser
) -> None:
    sign_in(page, f"{served.address}/people", "admin")
    page.get_by_role("button", name="Add a person").click()
    fill(page, "User name", "golgi")
    fill(page, "Full name", "Camillo Golgi")
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.locator("code", has_text="?reset=").inner_text()
    guest = browser.new_context()
    tab = guest.new_page()
    tab.goto(link)
    for label in ("New password", "The same again"):
        fill(tab, label, "black reaction 1873")
    tab.get_by_role("button", name="Set this password").click()
    expect(tab.get_by_text("The new password is set")).to_be_visible(timeout=60_000)
    sign_in(tab, served.address, "golgi", "black reaction 1873")
    tab.get_by_role("button", name="Password").click()
    fill(tab, "Password until now", "black reaction 1873")
    for label in ("New password", "The same again"):
        fill(tab, label, "silver chromate 1906")
    tab.get_by_role("button", name="Change it").click()
    expect_sign_in_only(tab)
    sign_in(tab, served.address, "golgi", "silver chromate 1906")
    guest.close()


def test_a_new_role_reaches_an_open_page(page: Page, served: Served) -> None:
    store = served.store()
    accounts.create(store, "mover", "", Role.ADMIN, PASSWORD)
    sign_in(page, f"{served.address}/people", "mover")
    accounts.set_role(store, "mover", Role.CLINICIAN)
    store.close()
    page.get_by_role("tab", name="Audit trail").click()
    page.get_by_role("button", name="Password").click()
    expect_sign_in_only(page)


def test_the_cookie_key_is_for_the_server_alone(served: Served) -> None:
    key: Path = served.state_dir / "cookie_key"
    assert key.stat().st_mode & 0o077 == 0
