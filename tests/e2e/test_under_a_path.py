"""The dashboard behind a proxy that serves it under a path, which it keeps or takes away."""

import re
import sys
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from apps.api import example
from core.access import accounts, api_keys
from core.access.accounts import Role
from core.access.sessions import COOKIE
from core.records import schema
from core.records.store import Store
from tests.e2e.conftest import PASSWORD, Served, free_port, serve
from tests.e2e.proxy import proxied
from tests.e2e.steps import drawn, sets_cookie, sign_in, sign_out_button

pytestmark = pytest.mark.browser

UNDER = "/lab/cells"


@pytest.fixture(scope="module", params=[True, False], ids=["kept", "taken away"])
def under_a_path(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The dashboard as a browser finds it."""
    state_dir = tmp_path_factory.mktemp("served")
    url = f"sqlite:///{state_dir / 'app.db'}"
    schema.migrate(url)
    store = Store(url)
    accounts.create(store, "clinician", "", Role.CLINICIAN, PASSWORD)
    store.close()
    port = free_port()
    for served in serve([sys.executable, "-m", "apps.server"], port, state_dir, under=UNDER):
        with proxied(port, UNDER, keeps=request.param) as outside:
            yield Served(f"http://localhost:{outside}{UNDER}", served.state_dir)


def test_everything_lies_under_it(page: Page, under_a_path: Served) -> None:
    lost: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and lost.append(answer.url))
    looks_for_its_server = re.compile("/predict/_stcore/(health|host-config)$")
    address = under_a_path.address
    sign_in(page, f"{address}/predict", "clinician")
    (cookie,) = [dict(one) for one in page.context.cookies(address) if one["name"] == COOKIE]
    assert cookie["path"] == UNDER

    upload = {"name": "cell.jpg", "mimeType": "image/jpeg", "buffer": example.JPEG}
    page.locator("input[type=file]").set_input_files(upload)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    drawn(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="CSV").click()
    assert "cell.jpg" in taken.value.path().read_text(encoding="utf-8")
    assert re.fullmatch(r"predictions-[\d-]+\.csv", taken.value.suggested_filename)

    page.reload()
    expect(sign_out_button(page)).to_be_visible(timeout=60_000)
    with page.expect_response(sets_cookie):
        sign_out_button(page).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_enabled(timeout=60_000)
    assert [one for one in page.context.cookies(address) if one["name"] == COOKIE] == []
    assert [url for url in lost if not looks_for_its_server.search(url)] == []


def test_rest_and_its_description_lie_under_it(page: Page, under_a_path: Served) -> None:
    store = under_a_path.store()
    _, key = api_keys.make(store, "clinician", "x", Role.CLINICIAN, accounts.COMMAND_LINE)
    store.close()
    body = {"image": example.CELL, "name": "rest.jpg"}
    headers = {"X-API-Key": key}
    address = f"{under_a_path.address}/api"
    said = requests.post(f"{address}/predict", json=body, headers=headers, timeout=60)
    assert said.status_code == 200, said.text
    taken = requests.get(f"{address}/v1/history.csv", headers=headers, timeout=60)
    assert "rest.jpg" in taken.text
    page.goto(f"{address}/docs")
    expect(page.get_by_text("Classify one cell")).to_be_visible()


def test_gradio_lies_under_it(page: Page, under_a_path: Served) -> None:
    pytest.importorskip("gradio")
    page.goto(f"{under_a_path.address}/gradio")
    page.get_by_label("User name").fill("clinician")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("input[type=file]").first).to_be_attached(timeout=60_000)
