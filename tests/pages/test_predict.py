import base64
import csv
import io
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.access.accounts import Role
from core.analysis.table import answers_csv
from core.errors import LogFailedError
from core.prediction import ReferenceCell, Status
from core.records.store import Store
from core.settings import Settings
from core.settings import settings as current_settings
from core.taxonomy import CLASSES, KEYS, OUTSIDE
from pages.components.predict.answering import BATCH
from pages.components.predict.sheet import KEY, Sheet
from tests.core.analysis.pictures import cell, encoded, field, zipped
from tests.factories import make_bundle

PAGE = "pages/predict.py"


@pytest.fixture
def in_force(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that name the bundle "tiny", which is not there yet."""
    monkeypatch.setenv("BLOODCELLS_BUNDLE", "tiny")
    current_settings.cache_clear()
    return current_settings()


@pytest.fixture
def bundle(in_force: Settings) -> None:
    """The bundle in force: untrained, never sure enough."""
    make_bundle(in_force.bundle_dirs[1])


@pytest.fixture
def page(bundle, open_page) -> AppTest:
    return open_page(PAGE, Role.CLINICIAN)


def png(number: int = 0) -> bytes:
    return encoded(cell(80 + 6 * number, 90))


def drop(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    for name, data in files:
        page.file_uploader[0].upload(name, data, "application/octet-stream")
    return page.run()


def sheet(page: AppTest) -> Sheet:
    assert not page.exception
    return page.session_state[KEY]


def button(page: AppTest, key: str):
    return next(b for b in page.button if b.key == key)


def test_empty_it_says_what_to_do(page):
    assert not page.exception
    assert "Drop pictures of single cells" in page.file_uploader[0].label
    assert "20 MB each" in " ".join(c.value for c in page.caption)
    assert button(page, "predict_examples").label == "Try with example cells"


def test_without_a_bundle_it_says_so(in_force, open_page):
    page = open_page(PAGE, Role.CLINICIAN)
    assert not page.exception
    assert page.error[0].value.startswith("No bundle can answer. No bundle named")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_an_answer_that_is_logged(bundle, open_page, store, role):
    page = drop(open_page(PAGE, role), ("a.png", png()))
    [shown] = sheet(page).answers.values()
    logged = store.reading(shown.reading_id)
    assert logged.by == role
    assert logged.source == "page"
    assert logged.prediction.label == shown.prediction.label
    assert dict(logged.prediction.probabilities) == dict(shown.prediction.probabilities)
    assert any(shown.prediction.reason in c.value for c in page.caption)


def test_a_rerun_answers_nothing_twice(page, store):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    page.run()
    page.run()
    assert sorted(sheet(page).answers) == [1, 2]
    with pytest.raises(Exception, match="no reading 3"):
        store.reading(3)


def test_the_most_doubtful_answer_is_chosen_first(page):
    drop(page, *((f"{n}.png", png(n)) for n in range(4)))
    found = sheet(page)
    least = min(found.answers.values(), key=lambda s: s.prediction.confidence)
    assert found.current() is least


def test_one_click_confirms_and_undo_takes_it_back(page, store):
    drop(page, ("a.png", png()))
    label = sheet(page).answers[1].prediction.label
    button(page, "predict_confirm").click().run()
    assert store.reading(1).person_label == label
    button(page, "predict_undo").click().run()
    assert store.reading(1).person_label is None
    assert button(page, "predict_confirm")


def test_one_click_corrects_and_the_models_label_stays(page, store):
    drop(page, ("a.png", png()))
    model = sheet(page).answers[1].prediction.label
    other = next(key for key in KEYS if key != model)
    button(page, f"predict_is_{other}").click().run()
    logged = store.reading(1)
    assert (logged.prediction.label, logged.person_label) == (model, other)
    assert any(t.value == "You say:" for t in page.text)


def test_a_person_can_say_that_it_is_none_of_the_classes(page, store):
    drop(page, ("a.png", png()))
    button(page, "predict_is_blast").click().run()
    (shown,) = sheet(page).answers.values()
    assert shown.label == "blast"
    assert sheet(page).mix() == {"blast": 1}
    assert any("1 image, 0 to review" in m.value and "Blast" in m.value for m in page.markdown)


def test_a_rejected_answer_shows_no_probabilities_of_classes(page):
    drop(page, ("a.png", png()))
    charts = len(page.get("plotly_chart"))
    (shown,) = sheet(page).answers.values()
    shown.prediction = replace(shown.prediction, status=Status.REJECTED, label="no_cell")
    page.run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == charts - 1


def test_confirmed_cells_like_it_stand_beside_the_answer(page):
    drop(page, ("1.png", png()))
    (shown,) = sheet(page).answers.values()
    cell = ReferenceCell("monocyte", "MO_1.jpg", "PBC: cells of Barcelona", 0.9, "test/monocyte/1")
    shown.prediction = replace(shown.prediction, reference_cells=(cell,))
    page.run()
    assert not page.exception
    named = next(one.value for one in page.caption if "MO_1.jpg (PBC, 0.90)" in one.value)
    # The bundle in force carries no pictures, so there is this cell's alone.
    assert named == "From left: this cell. No longer kept: MO_1.jpg (PBC, 0.90)"


def test_what_may_be_a_blast_comes_first_and_no_key_confirms_it(page):
    drop(page, *((f"{n}.png", png(n)) for n in range(3)))
    surest = sheet(page).by_doubt()[-1]
    surest.prediction = replace(surest.prediction, status=Status.REFERRED)
    page.run()
    assert sheet(page).current() is surest
    confirm = button(page, "predict_confirm")
    assert confirm.label == "No blast: confirm"
    assert confirm.proto.shortcut == ""
    assert any("Refer: possible blast" in badge.value for badge in page.markdown)


def test_each_key_does_one_thing(page):
    drop(page, *((f"{n}.png", png(n)) for n in range(2)))
    keys = [one.proto.shortcut for one in page.button if one.proto.shortcut]
    assert {known.shortcut.lower() for known in (*CLASSES, *OUTSIDE)} <= set(keys)
    assert len(set(keys)) == len(keys)


def test_next_doubtful_comes_to_all_but_what_a_person_has_judged(page):
    drop(page, *((f"{n}.png", png(n)) for n in range(3)))
    first, second, third = sheet(page).by_doubt()
    button(page, "predict_next").click().run()
    assert sheet(page).current() is second
    button(page, "predict_confirm").click().run()
    for expected in (third, first, third):
        button(page, "predict_next").click().run()
        assert sheet(page).current() is expected


def test_what_is_refused_is_listed_with_its_reason(page):
    drop(page, ("notes.png", b"words"), ("field.png", encoded(field())), ("a.png", png()))
    assert len(sheet(page).answers) == 1
    listed = page.table[0].value
    assert listed["File"].tolist() == ["notes.png", "field.png"]
    assert "not an image" in listed["Why"][0]
    assert "whole microscope field" in listed["Why"][1]
    assert page.expander[0].label == "2 files were not answered"


def test_example_cells_are_answered_and_marked_as_drawn(page, store):
    button(page, "predict_examples").click().run()
    shown = list(sheet(page).answers.values())
    assert len(shown) == len(KEYS)
    assert all(s.example and s.prediction.cell.name.startswith("synthetic_") for s in shown)
    assert store.reading(shown[0].reading_id).source == "example"
    assert any("A drawn example, not a real cell." in c.value for c in page.caption)


def test_a_zip_of_many_is_answered_once_each(page):
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(40)})))
    found = sheet(page)
    assert sorted(found.answers) == list(range(1, 41))
    assert not found.waiting


def test_an_answer_that_cannot_be_logged_is_not_shown(page, monkeypatch):
    def fail(*_args, **_options):
        raise LogFailedError("The answer was not logged and is not shown. The disk is full.")

    monkeypatch.setattr(Store, "log", fail)
    drop(page, ("a.png", png()))
    assert sheet(page).answers == {}
    assert "The disk is full." in page.error[0].value
    monkeypatch.undo()
    button(page, "predict_again").click().run()
    assert list(sheet(page).answers) == [1]
    assert not page.error


def test_what_was_dropped_on_the_front_page_is_answered(bundle, open_page):
    page = open_page("Home.py", Role.CLINICIAN)
    page.session_state["dropped_images"] = [("front.png", png())]
    page.switch_page(PAGE).run()
    assert [s.prediction.cell.name for s in sheet(page).answers.values()] == ["front.png"]


def test_a_bundle_of_drawn_cells_warns(in_force, open_page):
    make_bundle(in_force.bundle_dirs[1], synthetic=True)
    page = open_page(PAGE, Role.CLINICIAN)
    assert page.warning[0].value.startswith("This bundle has only seen drawn cells.")


def test_a_bundle_of_real_cells_does_not_warn(page):
    assert not page.warning


def test_table_view_lists_the_answers(page):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    page.segmented_control(key="predict_view").set_value("Table").run()
    assert sorted(page.dataframe[0].value["Image"]) == ["a.png", "b.png"]


def test_clear_takes_all_off_the_page_and_keeps_the_log(page, store):
    drop(page, ("a.png", png()))
    button(page, "predict_clear").click().run()
    assert sheet(page).answers == {}
    assert store.reading(1).prediction.cell.name == "a.png"


def test_csv_cannot_run_as_a_formula(page):
    drop(page, ("=HYPERLINK(1).png", png()))
    shown = sheet(page).answers[1]
    text = answers_csv([(1, shown.prediction, "platelet")])
    [row] = csv.DictReader(io.StringIO(text))
    assert row["name"] == "'=HYPERLINK(1).png"
    assert row["person_label"] == "platelet"
    assert float(row[f"p_{row['label']}"]) == float(row["confidence"])


def test_pictures_travel_to_the_gallery_as_jpeg(page):
    from pages.components.shared.gallery import _card

    drop(page, ("a.png", png()))
    card = _card(sheet(page).answers[1])
    assert base64.b64decode(card["jpeg"]).startswith(b"\xff\xd8")
    assert card["note"] == "Review"


def test_a_whole_number_of_batches_is_shown_too(page):
    drop(page, *[(f"{i}.png", png(i)) for i in range(BATCH)])
    assert len(sheet(page).answers) == BATCH
