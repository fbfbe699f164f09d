"""What every visitor does, step by step."""

from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response, expect

from tests.e2e.conftest import PASSWORD

_QUIET = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const runs = app?.dataset.testScriptState !== "notRunning";
    window.quietSince = runs ? undefined : (window.quietSince ?? performance.now());
    return !runs && performance.now() - window.quietSince > 1000;
}"""


def sign_in(page: Page, address: str, username: str, password: str = PASSWORD) -> None:
    page.goto(address)
    fill(page, "User name", username)
    fill(page, "Password", password)
    with page.expect_response(sets_cookie) as kept:
        page.get_by_role("button", name="Sign in").click()
    assert kept.value.status == 204
    expect(sign_out_button(page)).to_be_visible(timeout=60_000)


def sets_cookie(response: Response) -> bool:
    """Whether it is the answer that gives the browser its session's cookie, or takes it away."""
    return urlsplit(response.url).path.endswith("/session")


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).fill(text)


def drawn(page: Page) -> None:
    """Waits until the page is drawn, and no further run of it follows within a second.

    A click before that may meet what is about to be replaced, such as a download that the next run
    takes back.
    """
    page.wait_for_function(_QUIET, timeout=60_000)


def sign_out_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Sign out")
