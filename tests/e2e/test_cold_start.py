"""The first address that a server is ever asked for must not run a page without a session.

A folder ``pages/`` puts a fresh Streamlit server into its older mode until ``Home.py`` ran once.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.components.shell.screens import SCREENS
from tests.e2e.conftest import Served, free_port, serve

pytestmark = pytest.mark.browser

SERVERS = {
    "the launcher": lambda port: ["-m", "apps.server"],
    "streamlit run": lambda port: [
        *("-m", "streamlit", "run", "Home.py"),
        *("--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"),
    ],
}


@pytest.fixture(params=SERVERS)
def cold(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Served]:
    """A server that nobody has visited yet, without any account."""
    port = free_port()
    yield from serve([sys.executable, *SERVERS[request.param](port)], port, tmp_path)


def test_the_first_visit_by_deep_link_shows_no_page(page: Page, cold: Served) -> None:
    page.goto(f"{cold.address}/people")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("heading", name="People")).to_have_count(0)
    for screen in SCREENS:
        page.goto(f"{cold.address}/{screen.url_path}")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=60_000)


def test_the_terminal_and_only_the_terminal_says_how_to_become_admin(
    page: Page, cold: Served
) -> None:
    page.goto(cold.address)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=120_000)
    assert "setup=" not in page.content()
    log = (cold.state_dir / "server.log").read_text()
    assert log.count("/?setup=") == 1
    assert f"{cold.address}/?setup=" in log
