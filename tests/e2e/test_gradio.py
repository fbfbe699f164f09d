"""The Gradio page beside the dashboard: signs in, hands an image in, sees the class, says else."""

import pytest
from playwright.sync_api import Page, expect

from apps.api import example
from core.access.accounts import Role
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Viewer
from tests.e2e.conftest import PASSWORD, Served

pytestmark = pytest.mark.browser


def test_an_image_is_predicted_and_flagged(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/gradio")
    page.get_by_label("User name").fill("clinician")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    image = {"name": "gradio.jpg", "mimeType": "image/jpeg", "buffer": example.JPEG}
    page.locator("input[type=file]").set_input_files(image)
    table = page.get_by_role("table", name="Probabilities")
    expect(table.get_by_role("row")).to_have_count(8)
    expect(page.get_by_text("gradio.jpg")).to_be_visible()
    page.get_by_role("radio", name="○ Blast").check()
    page.get_by_role("button", name="Save label").click()
    expect(page.get_by_text("It stands in the log")).to_be_visible()

    store = served.store()
    readings = rows.newest(store, Viewer(Role.ADMIN, account_id=0), HistoryFilter())
    store.close()
    (reading,) = [one for one in readings if one.prediction.cell.name == "gradio.jpg"]
    assert reading.source == "gradio"
    assert reading.person_label == "blast"
    assert [url for url in asked if not url.startswith((served.address, "data:", "blob:"))] == []
