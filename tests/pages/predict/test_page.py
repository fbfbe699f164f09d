"""Who opens the page, and what it says before anything is predicted."""

import pytest

from core.access.accounts import Role
from core.taxonomy import KEYS
from core.vision.bundle import write_card
from core.vision.card.cautions import NO_REFERRAL, cautions
from tests.factories import make_bundle
from tests.pages.predict.steps import PAGE, button, drop, png


def test_empty_it_says_what_to_do(page):
    assert not page.exception
    assert "Drop images of single cells" in page.file_uploader[0].label
    assert "20 MB each" in " ".join(c.value for c in page.caption)
    assert button(page, "predict_examples").label == "Try with example cells"


def test_without_a_bundle_it_says_so(in_force, open_page):
    page = open_page(PAGE, Role.CLINICIAN)
    assert not page.exception
    assert page.error[0].value.startswith("No model can predict. No model named")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_a_prediction_that_is_logged(bundle, open_page, store, role):
    page = drop(open_page(PAGE, role), ("a.png", png()))
    assert not page.exception
    logged = store.reading(1)
    assert (logged.by, logged.source) == (role, "page")
    assert any(logged.prediction.reason in c.value for c in page.caption)


def test_what_was_dropped_on_the_front_page_is_predicted(bundle, open_page, readings):
    page = open_page("Home.py", Role.CLINICIAN)
    page.session_state["dropped_images"] = [("front.png", png())]
    page.switch_page(PAGE).run()
    assert [one.name for one in readings()] == ["front.png"]


def test_a_bundle_of_drawn_cells_warns(in_force, open_page):
    made = make_bundle(in_force.bundle_dirs[1], synthetic=True)
    page = open_page(PAGE, Role.CLINICIAN)
    assert [one.value for one in page.warning] == cautions(made.card)


def test_a_bundle_that_refers_no_blasts_warns(page):
    assert [one.value for one in page.warning] == [NO_REFERRAL]
    drop(page, ("a.png", png()))
    assert [one.value for one in page.warning] == [NO_REFERRAL]


def test_a_bundle_of_real_cells_that_refers_blasts_does_not_warn(in_force, open_page):
    made = make_bundle(in_force.bundle_dirs[1])
    known = {"classes": KEYS[:-1], "outside": ("blast",), "refer_above": 0.5}
    write_card(made.folder, made.card.model_copy(update=known))
    page = open_page(PAGE, Role.CLINICIAN)
    assert not page.error
    assert not page.warning
