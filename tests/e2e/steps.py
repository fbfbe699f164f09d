"""What every visitor does, step by step."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PASSWORD


def sign_in(page: Page, address: str, username: str, password: str = PASSWORD) -> None:
    page.goto(address)
    fill(page, "User name", username)
    fill(page, "Password", password)
    page.get_by_role("button", name="Sign in").click()
    expect(sign_out_button(page)).to_be_visible(timeout=60_000)


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).fill(text)


def sign_out_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign out")
