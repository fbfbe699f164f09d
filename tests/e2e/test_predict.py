"""From an image to a logged prediction in a real browser: dropped, pasted, confirmed, corrected."""

import base64

import pytest
from playwright.sync_api import Page, expect

from core.access.accounts import Role
from core.dataset.synthetic import example_cells
from core.records.history import rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.readings import LoggedReading
from tests.e2e.conftest import Served
from tests.e2e.steps import drawn, sign_in

pytestmark = pytest.mark.browser

PASTE = """([name, image]) => {
  const bytes = Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], name, {type: "image/png"}));
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
}"""


@pytest.fixture(scope="module")
def image() -> bytes:
    """One drawn cell."""
    return next(iter(example_cells()))[1]


def logged(served: Served) -> list[LoggedReading]:
    store = served.store()
    try:
        return rows.newest(store, Viewer(Role.ADMIN, account_id=0), HistoryFilter())
    finally:
        store.close()


def test_a_dropped_image_is_predicted_logged_and_confirmed(
    page: Page, served: Served, image: bytes
) -> None:
    sign_in(page, f"{served.address}/predict", "clinician")
    upload = {"name": "dropped.png", "mimeType": "image/png", "buffer": image}
    page.locator("input[type=file]").set_input_files(upload)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    reading = next(r for r in logged(served) if r.prediction.cell.name == "dropped.png")
    assert reading.person_label == reading.prediction.label


def test_a_pasted_image_is_predicted_and_logged(page: Page, served: Served, image: bytes) -> None:
    sign_in(page, f"{served.address}/predict", "scientist")
    expect(page.get_by_role("button", name="Try with example cells")).to_be_visible()
    page.evaluate(PASTE, ["clip.png", base64.b64encode(image).decode()])
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    assert "pasted image" in [reading.prediction.cell.name for reading in logged(served)]


def test_the_class_buttons_keep_their_place_whatever_is_said(
    page: Page, served: Served, image: bytes
) -> None:
    sign_in(page, f"{served.address}/predict", "admin")
    upload = {"name": "kept.png", "mimeType": "image/png", "buffer": image}
    page.locator("input[type=file]").set_input_files(upload)
    blast = page.locator(".st-key-verdict_is_blast button")
    expect(blast).to_be_visible()
    drawn(page)
    blast.scroll_into_view_if_needed()
    before = blast.bounding_box()  # what a second click would hit must not move away
    undo = page.get_by_role("button", name="Undo")
    page.locator(".st-key-verdict_is_ig button").click()
    expect(undo).to_be_visible()
    drawn(page)
    assert blast.bounding_box() == before
    undo.dispatch_event("click")  # as the key does: without scrolling to it
    expect(undo).to_have_count(0)
    drawn(page)
    assert blast.bounding_box() == before
