"""The History page at the width of a laptop."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.access import accounts
from core.access.accounts import Role
from core.records.readings import NewReading
from pages.components.home import landing
from tests.e2e.conftest import PASSWORD, Served
from tests.e2e.steps import drawn, sign_in
from tests.factories import make_prediction

pytestmark = pytest.mark.browser


CUT = """() => [...document.querySelectorAll(
  "[data-testid=stSelectbox] input, [data-testid=stMultiSelect] *")]
  .filter((e) => getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.value ?? e.innerText)"""


def test_no_filter_cuts_what_it_is_set_to(page: Page, served: Served) -> None:
    sign_in(page, f"{served.address}/history?status=Review&status=Referred", "admin")
    expect(page.get_by_text("Person", exact=True)).to_be_visible()
    expect(page.get_by_text("Referred", exact=True)).to_be_visible()
    assert page.evaluate(CUT) == []


def test_a_refused_export_gives_no_file_and_the_page_says_why(page: Page, served: Served) -> None:
    store = served.store()
    leaver = accounts.create(store, "leaver", "", Role.CLINICIAN, PASSWORD)
    store.log([NewReading(make_prediction(), leaver.id)])
    sign_in(page, f"{served.address}/history?view=Readings", "leaver")
    export = page.get_by_role("button", name=re.compile("Export"))
    drawn(page)
    with page.expect_download() as taken:
        export.click()
    assert taken.value.path().read_text().count("\n") == 2
    accounts.disable(store, "leaver")
    store.close()
    export.click()
    expect(page.get_by_text("Failed to generate file")).to_be_visible()
    page.reload()
    expect(page.get_by_text(landing.DISABLED)).to_be_visible()
