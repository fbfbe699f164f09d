"""Sheets are kept, opened again, and seen by whom they concern."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.access import accounts, sessions
from core.access.accounts import Role
from core.access.images import delete_image
from core.records.images import ImageStore
from core.settings import Settings
from core.settings import settings as current_settings
from tests.conftest import ROOT
from tests.pages.predict.steps import PAGE, button, chosen, drop, png


def open_sheet_as(account: Any, settings: Settings, number: str) -> AppTest:
    """The page of an account, at the address of a sheet."""
    app = AppTest.from_file(ROOT / "Home.py", default_timeout=60)
    app.session_state["session_token"] = sessions.issue(account, settings)
    app.run().switch_page(PAGE)
    app.query_params["sheet"] = number
    return app.run()


def test_a_new_sheet_is_empty_and_the_earlier_one_opens_again(page, store, readings):
    drop(page, ("a.png", png()))
    button(page, "predict_new_sheet").click().run()
    assert readings() == []
    assert button(page, "predict_examples")
    drop(page, ("b.png", png(1)))
    assert [one.name for one in readings()] == ["b.png"]
    page.query_params["sheet"] = "1"
    page.run()
    assert chosen(page) == "a.png"
    assert not page.file_uploader
    button(page, "verdict_confirm").click().run()
    assert store.reading(1).person_label


def test_a_new_session_of_the_same_account_goes_on_with_its_predictions(
    page, bundle, open_page, store, monkeypatch
):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    again = open_page(PAGE, Role.CLINICIAN)
    assert not again.exception
    first = chosen(again)
    assert any("2 images, 2 to review" in m.value for m in again.markdown)
    assert len(again.image) == 1
    button(again, "verdict_is_platelet").click().run()
    corrected = next(one for one in (store.reading(1), store.reading(2)) if one.person_label)
    assert (corrected.prediction.cell.name, corrected.person_label) == (first, "platelet")
    button(again, "reading_heat").click().run()
    assert any(c.value.startswith("Yellow where") for c in again.caption)


@pytest.mark.parametrize("number", ["1", "99", "x", "9" * 30])
def test_another_clinician_sees_no_sheet_of_his(page, store, settings, number):
    drop(page, ("a.png", png()))
    other = accounts.create(store, "other", "", Role.CLINICIAN, "correct horse battery")
    app = open_sheet_as(other, settings, number)
    assert not app.exception
    assert len(app.error) == 1
    assert not app.image
    assert not any(b.key and b.key.startswith("verdict") for b in app.button)


@pytest.mark.parametrize("role", [Role.SCIENTIST, Role.ADMIN])
def test_who_sees_all_readings_opens_all_sheets(page, account, settings, role):
    drop(page, ("a.png", png()))
    app = open_sheet_as(account(role), settings, "1")
    assert chosen(app) == "a.png"
    assert len(app.image) == 1
    assert not app.file_uploader
    assert "clinician" not in " ".join(t.value for t in [*app.text, *app.caption])


def test_where_no_image_is_kept_the_session_still_shows_its_own(
    bundle, open_page, monkeypatch, store
):
    monkeypatch.setenv("BLOODCELLS_KEEP_IMAGES", "false")
    monkeypatch.setenv("BLOODCELLS_KEEP_THUMBNAILS", "false")
    current_settings.cache_clear()
    page = drop(open_page(PAGE, Role.CLINICIAN), ("a.png", png()))
    assert not page.exception
    assert len(page.image) == 1
    assert not current_settings().images_dir.exists()
    again = open_page(PAGE, Role.CLINICIAN)
    assert not again.exception
    assert not again.image
    assert "The image is not kept." in [c.value for c in again.caption]
    button(again, "verdict_confirm").click().run()
    assert store.reading(1).person_label


def test_a_deleted_image_is_told_and_the_prediction_stays(page, store, settings, account):
    drop(page, ("a.png", png()))
    delete_image(store, ImageStore.from_settings(settings), account(Role.ADMIN), 1)
    page.run()
    assert not page.exception
    assert not page.image
    assert any(c.value.startswith("The image was deleted on") for c in page.caption)
    assert button(page, "verdict_confirm")
