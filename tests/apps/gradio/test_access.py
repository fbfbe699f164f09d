"""Who may do what at the Gradio page, and that its other routes let nobody past."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from apps.api import example
from apps.gradio import app as gradio_app
from core.access import accounts, sessions
from core.access.accounts import Account, Role
from core.access.throttle import ATTEMPTS_PER_MINUTE
from core.records.store import Store
from core.settings import Settings
from tests.apps.gradio.visitor import Visitor, file

INSIDE = [
    ("GET", "/config"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/queue/data?session_hash=a"),
    ("GET", "/gradio_api/heartbeat/a"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/gradio_api/queue/join"),
]
NOBODY_NEEDS = [
    ("GET", "/gradio_api/file=/etc/hostname"),
    ("GET", "/gradio_api/file=http://localhost:1/"),
    ("GET", "/gradio_api/proxy=http://localhost:1/"),
    ("GET", "/gradio_api/runs"),
    ("GET", "/monitoring"),
    ("GET", "/gradio_api/deep_link?session_hash=a"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/call/predict"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/cancel"),
]


@pytest.fixture
def visit(
    chosen: Settings, account: Callable[[Role], Account]
) -> Iterator[Callable[[Role | None], Visitor]]:
    """Opens another browser at the same page, signed in as somebody of that role or not."""
    for role in Role:
        account(role)
    app = gradio_app.make_app(chosen)
    with TestClient(app) as running:

        def opened(role: Role | None) -> Visitor:
            visitor = Visitor(TestClient(app))
            visitor.client.portal = running.portal  # one event loop for all who visit
            if role:
                assert visitor.sign_in(role).status_code == 303
            return visitor

        yield opened


Visit = Callable[[Role | None], Visitor]


def test_a_wrong_password_is_refused_and_locks_the_account_in_the_end(
    visit: Visit, store: Store, chosen: Settings
) -> None:
    stranger = visit(None)
    for _ in range(chosen.lockout_attempts):
        refused = stranger.sign_in(password="wrong horse battery")
        assert refused.status_code == 403
        assert "Sign-in failed" in refused.text
    assert stranger.sign_in().status_code == 403
    found = accounts.find_by_username(store, "clinician")
    assert found is not None
    assert found.locked


def test_an_address_that_tries_too_often_has_to_wait(visit: Visit) -> None:
    stranger = visit(None)
    for number in range(ATTEMPTS_PER_MINUTE):
        stranger.sign_in(f"nobody{number}")
    assert "Too many sign-ins from this address" in stranger.sign_in().text


def test_without_sign_in_there_is_the_form_and_nothing_else(visit: Visit) -> None:
    stranger = visit(None)
    assert "Password" in stranger.client.get("/").text
    for method, path in INSIDE:
        assert stranger.client.request(method, path).status_code == 401, path
    for method, path in NOBODY_NEEDS:
        assert stranger.client.request(method, path).status_code == 404, path


def test_what_the_page_does_not_need_is_not_there_for_members_either(visit: Visit) -> None:
    member = visit(Role.ADMIN)
    for method, path in NOBODY_NEEDS:
        assert member.client.request(method, path).status_code == 404, path


def test_a_forged_cookie_opens_nothing(visit: Visit) -> None:
    stranger = visit(None)
    stranger.client.cookies.set("blood_cells_gradio", "ey.forged.token")
    assert stranger.client.get("/config").status_code == 401


def test_a_disabled_account_is_refused_in_the_middle_of_its_session(
    visit: Visit, store: Store
) -> None:
    visitor = visit(Role.CLINICIAN)
    path = visitor.upload(example.JPEG).json()[0]
    accounts.disable(store, "clinician")
    asked = {"data": [file(path)], "fn_index": 1, "session_hash": "a"}
    refused = visitor.client.post("/gradio_api/queue/join", json=asked)
    assert refused.status_code == 401
    assert "not signed in any more" in refused.json()["detail"]
    assert "Password" in visitor.client.get("/").text


def test_an_account_disabled_while_its_question_waits_gets_none(
    visit: Visit, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visit(Role.CLINICIAN)
    monkeypatch.setattr("apps.gradio.entrance.sessions.account_of", _whoever)
    accounts.disable(store, "clinician")
    assert "not open any more" in visitor.hand_in(example.JPEG)
    assert "not open any more" in visitor.ask("example", 0)


def _whoever(store: Store, *_: object) -> Account | None:
    return accounts.find_by_username(store, "clinician")


def test_sign_out_ends_every_session_of_the_account(visit: Visit) -> None:
    here, there = visit(Role.CLINICIAN), visit(Role.CLINICIAN)
    copied = dict(here.client.cookies)
    assert "Password" in here.client.post("/logout").text
    for name, value in copied.items():
        here.client.cookies.set(name, value)
    assert here.client.get("/config").status_code == 401
    assert there.client.get("/config").status_code == 401


def test_whoever_is_signed_in_at_the_dashboard_is_in(
    visit: Visit, chosen: Settings, account: Callable[[Role], Account]
) -> None:
    visitor = visit(None)
    token = sessions.issue(account(Role.SCIENTIST), chosen)
    visitor.client.cookies.set(sessions.COOKIE, token)
    assert visitor.client.get("/config").json()["username"] == "scientist"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visit: Visit) -> None:
    cookie = visit(None).sign_in().headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_behind_a_proxy_that_ends_tls_the_cookie_goes_out_by_tls_alone(
    visit: Visit, scheme: str
) -> None:
    visitor = visit(None)
    visitor.client.headers["origin"] = f"{scheme}://testserver"
    assert ("Secure" in visitor.sign_in().headers["set-cookie"]) == (scheme == "https")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://[", "null"])
def test_a_page_of_another_site_can_do_nothing(visit: Visit, origin: str) -> None:
    visitor = visit(Role.CLINICIAN)
    refused = visitor.client.post("/gradio_api/upload", headers={"origin": origin})
    assert refused.status_code == 403
    assert visitor.client.post("/login", headers={"origin": origin}).status_code == 403


def test_an_upload_is_given_to_nobody_and_predicted_for_its_owner_alone(visit: Visit) -> None:
    owner, other = visit(Role.CLINICIAN), visit(Role.ADMIN)
    path = owner.upload(example.JPEG).json()[0]
    for visitor in (owner, other):
        assert visitor.client.get(f"/gradio_api/file={path}").status_code == 404
    for stolen in (path, "/etc/hostname", "http://localhost:1/cell.jpg"):
        assert other.join("predict", file(stolen)).status_code == 403, stolen
    assert "model tiny" in owner.ask("predict", file(path))
    assert owner.join("predict", file(path)).status_code == 403


def test_nobody_flags_somebody_elses_reading(visit: Visit, store: Store) -> None:
    visit(Role.CLINICIAN).hand_in(example.JPEG)
    # Both visitors name the same page as theirs, for that name is the browser's to choose.
    assert "Somebody else asked" in visit(Role.ADMIN).ask("flag", None, "platelet")
    assert store.reading(1).person_label is None


def test_a_request_that_hides_its_length_is_refused(visit: Visit) -> None:
    visitor = visit(Role.CLINICIAN)
    refused = visitor.client.post("/gradio_api/upload", content=iter([b"x"]))
    assert refused.status_code == 411


def test_no_browser_is_sent_elsewhere_or_keeps_what_it_got(visit: Visit) -> None:
    visitor = visit(Role.CLINICIAN)
    page = visitor.client.get("/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "fonts.googleapis" not in page.text
    assert visitor.client.get("/gradio_api/info").headers["cache-control"] == "no-store"
