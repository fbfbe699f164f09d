"""The front page: signing in and out, one-time links, tiles by role, the drop zone."""

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.access import accounts, signin, throttle, tokens
from core.access.accounts import Account, Role
from core.access.handover import TICKETS
from core.images import reading
from core.prediction import Status
from core.records.readings import NewReading
from core.records.store import Store
from core.settings import ROOT, Settings
from core.taxonomy import RESEARCH_USE
from pages.components.predict.inbox import KEY as INBOX
from tests.conftest import Logged
from tests.core.analysis.images import cell, encoded
from tests.factories import make_prediction

PASSWORD = "correct horse battery"
OpenPage = Callable[[str, Role], AppTest]
GetAccount = Callable[[Role], Account]


def home() -> AppTest:
    return AppTest.from_file(ROOT / "Home.py", default_timeout=60)


def sign_in(app: AppTest, username: str, password: str) -> AppTest:
    app.text_input[0].set_value(username)
    app.text_input[1].set_value(password)
    return app.button[0].click().run()


def is_signed_in(app: AppTest) -> bool:
    return any(button.label == "Sign out" for button in app.sidebar.button)


def fill(app: AppTest, **values: str) -> None:
    for field in app.text_input:
        field.set_value(values[field.label.replace(" ", "_")])


def test_name_and_password_open_the_front_page(settings: Settings, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    app = sign_in(home().run(), " Clinician ", PASSWORD)
    assert not app.exception
    assert is_signed_in(app)


@pytest.mark.parametrize(("username", "password"), [("clinician", "wrong"), ("nobody", PASSWORD)])
def test_a_refusal_does_not_say_what_was_wrong(
    settings: Settings, account: GetAccount, username: str, password: str
) -> None:
    account(Role.CLINICIAN)
    app = sign_in(home().run(), username, password)
    assert [error.value for error in app.error] == [signin.refusal(settings)]
    assert not is_signed_in(app)


def test_the_form_locks_an_account_also_for_the_right_password(
    settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    app = home().run()
    for _ in range(settings.lockout_attempts):
        app = sign_in(app, "clinician", "wrong")
    assert not is_signed_in(sign_in(app, "clinician", PASSWORD))


def test_one_address_cannot_try_without_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ATTEMPTS_PER_MINUTE", 1)
    monkeypatch.setattr(type(st.context), "ip_address", "10.0.0.1")
    app = sign_in(home().run(), "nobody", "wrong")
    app = sign_in(app, "nobody", "wrong")
    assert "Too many sign-ins" in app.error[0].value


def test_sign_out_ends_the_session(open_page: OpenPage) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    next(b for b in app.sidebar.button if b.label == "Sign out").click()
    app.run()
    assert not is_signed_in(app)
    assert "session_token" not in app.session_state


def test_no_help_of_the_library_that_strangers_could_use_is_offered(settings: Settings) -> None:
    app = home().run()
    assert [button.label for button in app.button] == ["Sign in"]


def test_the_set_up_link_makes_the_admin_who_then_signs_in(store: Store) -> None:
    app = home().run()  # the server's first run makes a link of its own
    app.query_params["setup"] = tokens.make_set_up(store)
    app.run()
    fill(
        app,
        User_name="first",
        Full_name="First Admin",
        New_password=PASSWORD,
        The_same_again=PASSWORD,
    )
    app.button[0].click().run()
    assert [s.value for s in app.success] == ["The account is made. Sign in with it."]
    assert is_signed_in(sign_in(app, "first", PASSWORD))


@pytest.mark.parametrize("purpose", ["setup", "reset"])
def test_a_link_that_does_not_stand_says_so(settings: Settings, purpose: str) -> None:
    app = home()
    app.query_params[purpose] = "made up"
    app.run()
    assert app.title[0].value == "This link does not open anything"
    assert not app.text_input


def test_a_reset_link_sets_the_password(store: Store, account: GetAccount) -> None:
    account(Role.CLINICIAN)
    app = home()
    app.query_params["reset"] = tokens.make_reset(store, "clinician")
    app.run()
    fill(app, New_password="a new password", The_same_again="not the same")
    app.button[0].click().run()
    assert app.error[0].value == "The two passwords differ."
    fill(app, New_password="a new password", The_same_again="a new password")
    app.button[0].click().run()
    assert is_signed_in(sign_in(app, "clinician", "a new password"))


@pytest.mark.parametrize(
    ("role", "tiles"),
    [
        (Role.CLINICIAN, "Your last readings"),
        (Role.SCIENTIST, "Last run"),
        (Role.ADMIN, "Locked accounts"),
    ],
)
def test_tiles_follow_the_role(open_page: OpenPage, role: Role, tiles: str) -> None:
    app = open_page("Home.py", role)
    assert not app.exception
    shown = [t.value.strip("*") for t in app.markdown] + [m.label for m in app.metric]
    assert tiles in shown


def test_the_last_readings_tell_status_and_confidence_as_elsewhere(
    open_page: OpenPage, store: Store, account: GetAccount
) -> None:
    sure = make_prediction(confidence=0.995, status=Status.REFERRED)
    store.log([NewReading(sure, account(Role.CLINICIAN).id)])
    captions = [caption.value for caption in open_page("Home.py", Role.CLINICIAN).caption]
    assert any(caption.startswith("99.5%, referred, ") for caption in captions)


def test_the_research_sentence_stands_under_every_front_page(
    settings: Settings, open_page: OpenPage
) -> None:
    for app in (home().run(), open_page("Home.py", Role.CLINICIAN)):
        assert RESEARCH_USE in [caption.value for caption in app.caption]


def test_what_is_dropped_before_the_sign_in_is_predicted_after_it(
    settings: Settings, account: GetAccount
) -> None:
    account(Role.CLINICIAN)
    app = home().run()
    app.file_uploader[0].upload("cell.png", b"no image at all", "image/png").run()
    assert not app.exception
    assert any("not an image" in text.value for text in app.text)
    app = sign_in(app, "clinician", PASSWORD)
    assert [told.name for told in app.session_state[INBOX].refused] == ["cell.png"]


@pytest.mark.parametrize("data", [encoded(cell()), b"no image at all"])
def test_a_strangers_file_is_decoded_once_however_often_the_page_is_drawn(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    decode = reading._decode
    asked: list[bytes] = []

    def counting(given: bytes, *more: int | None) -> reading.Decoded:
        asked.append(given)
        return decode(given, *more)

    monkeypatch.setattr(reading, "_decode", counting)
    app = home().run()
    app.file_uploader[0].upload("cell.png", data, "image/png").run().run().run()
    assert not app.exception
    assert asked == [data]


def test_a_missing_account_row_is_no_session(open_page: OpenPage, store: Store) -> None:
    app = open_page("Home.py", Role.CLINICIAN)
    accounts.disable(store, "clinician")
    accounts.enable(store, "clinician")
    assert not is_signed_in(app.run())


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("served", [True, False])
def test_an_admin_is_told_of_a_start_without_gates(
    open_page: OpenPage,
    role: Role,
    served: bool,
    monkeypatch: pytest.MonkeyPatch,
    logged: Logged,
) -> None:
    monkeypatch.setattr(TICKETS, "served", served)
    app = open_page("Home.py", role)
    assert not app.exception
    told = any("python -m apps.server" in one.value for one in app.sidebar.caption)
    assert told == (role == Role.ADMIN and not served)
    warned = [line for line in logged() if line["event"] == "started_without_gates"]
    assert [line["level"] for line in warned] == ([] if served else ["warning"])
