"""REST beside the dashboard, in one process, with a key made on the people page."""

import pytest
import requests
from playwright.sync_api import Page, expect

from apps.api import example
from tests.e2e.conftest import Served
from tests.e2e.steps import fill, sign_in

pytestmark = pytest.mark.browser


def test_a_key_from_the_people_page_opens_rest(page: Page, served: Served) -> None:
    sign_in(page, f"{served.address}/people", "admin")
    page.get_by_role("tab", name="API keys").click()
    page.get_by_role("button", name="Make a key").click()
    fill(page, "What it is for", "laboratory system")
    page.get_by_role("dialog").get_by_role("button", name="Make", exact=True).click()
    expect(page.get_by_text("It is shown this once")).to_be_visible()
    secret = page.get_by_test_id("stCode").inner_text().strip()

    response = requests.post(
        f"{served.address}/api/predict",
        json={"image": example.CELL},
        headers={"X-API-Key": secret},
        timeout=60,
    )
    assert response.status_code == 200, response.text
    assert requests.get(f"{served.address}/api/healthz", timeout=60).json() == {"status": "alive"}


def test_the_description_is_drawn_without_another_host(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/api/docs")
    expect(page.get_by_text("Classify one cell")).to_be_visible()
    assert [url for url in asked if not url.startswith((served.address, "data:"))] == []
