import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from core.access import accounts, sessions
from core.access.accounts import COMMAND_LINE, Role
from core.access.images import delete_image
from core.analysis.deployments import use_bundle
from core.dataset.synthetic import example_cells
from core.errors import LogFailedError
from core.prediction import ReferenceCell
from core.records import sheets
from core.records.images import ImageStore
from core.records.sheets import SheetReading
from core.records.store import Store
from core.records.tables import ReadingRow
from core.settings import Settings
from core.settings import settings as current_settings
from core.taxonomy import CLASSES, KEYS, OUTSIDE, kind
from core.vision.bundle import write_card
from core.vision.card.cautions import NO_REFERRAL, cautions
from core.vision.classifier import Classifier
from pages.components.predict.inbox import KEY, Inbox
from pages.components.predict.predicting import BATCH
from pages.components.predict.results import SUSPECTED_NAME
from pages.components.predict.sheet import OnSheet
from pages.components.shared.gallery import _card
from tests.conftest import ROOT
from tests.core.analysis.images import cell, encoded, field, zipped
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


def box(page: AppTest) -> Inbox:
    assert not page.exception
    return page.session_state[KEY]


@pytest.fixture
def readings(store: Store, account) -> Callable[[], list[SheetReading]]:
    """Gives what stands on the clinician's open sheet, the first prediction first."""

    def on_sheet() -> list[SheetReading]:
        sheet = sheets.open_sheet(store, account(Role.CLINICIAN).id)
        return sheets.listed(store, sheet) if sheet else []

    return on_sheet


def by_doubt(readings: Callable[[], list[SheetReading]]) -> list[SheetReading]:
    return OnSheet(tuple(readings())).by_doubt


def change(store: Store, reading_id: int, **values: Any) -> None:
    """Makes a logged prediction say something else."""
    with store.write() as session:
        for name, value in values.items():
            setattr(session.get_one(ReadingRow, reading_id), name, value)


def chosen(page: AppTest) -> str:
    """The name of the image that is shown large."""
    assert not page.exception
    line = next(c.value for c in page.caption if " ms, model " in c.value)
    return line.partition(",")[0]


def counts(page: AppTest) -> dict[str, int]:
    """What the strip above the predictions counts, by the names that it shows."""
    strip = next(m.value for m in page.markdown if "to review" in m.value)
    return {name: int(n) for name, n in re.findall(r"</span> ([^<]+?) (\d+)</span>", strip)}


def button(page: AppTest, key: str):
    return next(b for b in page.button if b.key == key)


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


def test_a_rerun_predicts_nothing_twice(page, store, readings):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    page.run()
    page.run()
    assert [one.id for one in readings()] == [1, 2]
    with pytest.raises(Exception, match="no reading 3"):
        store.reading(3)


def test_the_most_doubtful_prediction_is_chosen_first(page, readings):
    drop(page, *((f"{n}.png", png(n)) for n in range(4)))
    assert chosen(page) == min(readings(), key=lambda one: one.confidence).name


def test_one_click_confirms_and_undo_takes_it_back(page, store):
    drop(page, ("a.png", png()))
    label = store.reading(1).prediction.label
    button(page, "verdict_confirm").click().run()
    assert store.reading(1).person_label == label
    button(page, "verdict_undo").click().run()
    assert store.reading(1).person_label is None
    assert button(page, "verdict_confirm")


def test_one_click_corrects_and_the_models_label_stays(page, store):
    drop(page, ("a.png", png()))
    model = store.reading(1).prediction.label
    other = next(key for key in KEYS if key != model)
    button(page, f"verdict_is_{other}").click().run()
    logged = store.reading(1)
    assert (logged.prediction.label, logged.person_label) == (model, other)
    assert any("You say:" in one.value for one in page.markdown)


def test_a_person_can_say_that_it_is_none_of_the_classes(page, readings):
    drop(page, ("a.png", png()))
    button(page, "verdict_is_blast").click().run()
    assert [one.person_label for one in readings()] == ["blast"]
    assert counts(page) == {"Blast": 1}
    assert any("1 image, 0 to review" in m.value for m in page.markdown)


def test_a_rejected_prediction_shows_no_probabilities_of_classes(page, store):
    drop(page, ("a.png", png()))
    charts = len(page.get("plotly_chart"))
    change(store, 1, status="rejected", label="no_cell")
    page.run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == charts - 1


def test_confirmed_cells_like_it_stand_beside_the_prediction(page, store):
    drop(page, ("1.png", png()))
    cell = ReferenceCell("monocyte", "MO_1.jpg", "PBC: cells of Barcelona", 0.9, "test/monocyte/1")
    change(store, 1, reference_cells=[vars(cell)])
    page.run()
    assert not page.exception
    named = next(one.value for one in page.caption if "MO_1.jpg (PBC, 0.90)" in one.value)
    # The bundle in force carries no images, so there is this cell's alone.
    assert named == "From left: this cell. No longer kept: MO_1.jpg (PBC, 0.90)"


def test_what_may_be_a_blast_comes_first_and_no_key_confirms_it(page, store, readings):
    drop(page, *((f"{n}.png", png(n)) for n in range(3)))
    surest = by_doubt(readings)[-1]
    change(store, surest.id, status="referred")
    page.run()
    assert chosen(page) == surest.name
    confirm = button(page, "verdict_confirm")
    assert confirm.label.startswith("Not a blast: ")
    assert confirm.proto.shortcut == ""
    assert any("Refer: suspected blast" in badge.value for badge in page.markdown)


def test_each_key_does_one_thing(page):
    drop(page, *((f"{n}.png", png(n)) for n in range(2)))
    keys = [one.proto.shortcut for one in page.button if one.proto.shortcut]
    assert {known.shortcut.lower() for known in (*CLASSES, *OUTSIDE)} <= set(keys)
    assert len(set(keys)) == len(keys)


def test_next_doubtful_comes_to_all_but_what_a_person_has_judged(page, readings):
    drop(page, *((f"{n}.png", png(n)) for n in range(3)))
    first, second, third = (one.name for one in by_doubt(readings))
    button(page, "predict_next").click().run()
    assert chosen(page) == second
    button(page, "verdict_confirm").click().run()
    for expected in (third, first, third):
        button(page, "predict_next").click().run()
        assert chosen(page) == expected


def test_what_is_refused_is_listed_with_its_reason(page, readings):
    drop(page, ("notes.png", b"words"), ("field.png", encoded(field())), ("a.png", png()))
    assert len(readings()) == 1
    listed = page.table[0].value
    assert listed["File"].tolist() == ["notes.png", "field.png"]
    assert "not an image" in listed["Why"][0]
    assert "whole microscope field" in listed["Why"][1]
    assert page.expander[0].label.startswith("2 files")


def test_example_cells_are_predicted_and_marked_as_drawn(page, readings):
    button(page, "predict_examples").click().run()
    assert not page.exception
    assert len(readings()) == len(KEYS)
    assert all(one.is_example and one.name.startswith("synthetic_") for one in readings())
    assert any("A synthetic example, not a real cell." in c.value for c in page.caption)


def test_a_zip_of_many_is_predicted_once_each(page, readings):
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(40)})))
    assert [one.id for one in readings()] == list(range(1, 41))
    assert not box(page).waiting


def test_a_prediction_that_cannot_be_logged_is_not_shown(page, readings, monkeypatch):
    def fail(*_args, **_options):
        raise LogFailedError("The prediction was not logged and is not shown. The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(Store, "log", fail)
        drop(page, ("a.png", png()))
        assert readings() == []
        assert "The disk is full." in page.error[0].value
    button(page, "predict_again").click().run()
    assert [one.id for one in readings()] == [1]
    assert not page.error


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


def test_table_view_lists_the_predictions(page):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    page.segmented_control(key="predict_view").set_value("Table").run()
    assert sorted(page.dataframe[0].value["Image"]) == ["a.png", "b.png"]


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


def test_predictions_that_were_logged_before_the_page_died_are_not_lost(
    page, bundle, open_page, monkeypatch
):
    logged = Store.log

    def once(*args, **options):
        monkeypatch.setattr(Store, "log", fail)
        return logged(*args, **options)

    def fail(*_args, **_options):
        raise LogFailedError("The disk is full.")

    monkeypatch.setattr(Store, "log", once)
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(BATCH + 5)})))
    monkeypatch.setattr(Store, "log", logged)
    again = open_page(PAGE, Role.CLINICIAN)
    assert not again.exception
    assert any(f"{BATCH} images" in m.value for m in again.markdown)


def between_batches(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Does something each time that a batch stands in the log, before anything else is done."""
    logged = Store.log

    def log(*args: Any, **options: Any) -> list[int]:
        ids = logged(*args, **options)
        deed()
        return ids

    monkeypatch.setattr(Store, "log", log)


@pytest.mark.parametrize("kept", ["true", "false"])
def test_clicks_while_images_are_read_have_none_predicted_twice(
    bundle, open_page, readings, monkeypatch, kept
):
    monkeypatch.setenv("BLOODCELLS_KEEP_IMAGES", kept)
    monkeypatch.setenv("BLOODCELLS_KEEP_THUMBNAILS", kept)
    current_settings.cache_clear()
    page, clicks = open_page(PAGE, Role.CLINICIAN), []
    look = ScriptRunner._maybe_handle_execution_control_request

    def looking(runner: ScriptRunner) -> None:
        if clicks:
            raise RerunException(RerunData(page_script_hash=clicks.pop()))
        look(runner)

    monkeypatch.setattr(ScriptRunner, "_maybe_handle_execution_control_request", looking)
    between_batches(monkeypatch, lambda: clicks.append(page._page_hash))
    count = 2 * BATCH + 3
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(count)})))
    assert [one.name for one in readings()] == [f"{n}.png" for n in range(count)]
    assert not box(page).waiting
    assert not clicks
    if kept == "false":
        assert len(page.session_state["held_images"]) == count


def test_an_account_that_is_disabled_while_images_are_read_gets_no_more(
    page, store, readings, monkeypatch
):
    between_batches(monkeypatch, lambda: accounts.disable(store, "clinician"))
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(BATCH + 3)})))
    assert not page.exception
    assert len(readings()) == BATCH


def test_a_model_that_is_withdrawn_while_images_are_read_predicts_no_more(
    page, store, in_force, readings, monkeypatch
):
    make_bundle(in_force.bundle_dirs[1], name="other")
    by_tiny = [True]

    def withdraw() -> None:
        if by_tiny.pop():
            use_bundle(store, in_force, COMMAND_LINE, "other")
        by_tiny.append(False)

    between_batches(monkeypatch, withdraw)
    drop(page, ("cells.zip", zipped({f"{n}.png": png(n % 7) for n in range(BATCH + 3)})))
    assert not page.exception
    bundles = [store.reading(one.id).prediction.bundle for one in readings()]
    assert bundles == ["tiny"] * BATCH + ["other"] * 3


def open_sheet_as(account: Any, settings: Settings, number: str) -> AppTest:
    """The page of an account, at the address of a sheet."""
    app = AppTest.from_file(ROOT / "Home.py", default_timeout=60)
    app.session_state["session_token"] = sessions.issue(account, settings)
    app.run().switch_page(PAGE)
    app.query_params["sheet"] = number
    return app.run()


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


def test_images_travel_to_the_gallery_as_jpeg(page, readings):
    drop(page, ("a.png", png()))
    card = _card(readings()[0])
    assert base64.b64decode(card["jpeg"]).startswith(b"\xff\xd8")
    assert card["note"] == "Review"


def test_a_corrected_card_gives_the_models_confidence_to_the_models_class(page, readings):
    drop(page, ("a.png", png()))
    one = readings()[0]
    other = next(key for key in KEYS if key != one.label)
    button(page, f"verdict_is_{other}").click().run()
    card = _card(readings()[0])
    assert card["label"] == kind(other).name
    assert (card["confidence"], card["share"]) == ("", None)
    assert card["model"].split(": ")[1] == f"{kind(one.label).name}, {one.confidence:.1%}"


def test_a_suspected_blast_counts_as_that_until_a_person_has_looked(page, store, readings):
    drop(page, ("a.png", png()))
    change(store, 1, status="referred")
    page.run()
    assert counts(page) == {SUSPECTED_NAME: 1}
    button(page, "verdict_is_neutrophil").click().run()
    assert counts(page) == {"Neutrophil": 1}


def test_synthetic_examples_are_not_counted_among_real_cells(page, readings):
    drop(page, ("a.png", png()))
    before = counts(page)
    # The examples are handed in as the button does on an empty sheet.
    for name, data in example_cells():
        box(page).hand_in(name, data, example=True)
    page.run()
    assert len(readings()) == 1 + len(KEYS)
    assert counts(page) == before
    assert any(f"{len(KEYS)} synthetic" in m.value for m in page.markdown)


def test_a_whole_number_of_batches_is_shown_too(page, readings):
    drop(page, *[(f"{i}.png", png(i)) for i in range(BATCH)])
    assert not page.exception
    assert len(readings()) == BATCH


def test_an_image_that_the_network_cannot_take_is_refused_beside_the_others(
    page: AppTest, readings: Callable[[], list[SheetReading]], monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = Classifier.scores

    def fussy(self: Classifier, images: list[Image.Image], *rest: Any) -> Any:
        if any(image.width == 77 for image in images):
            raise IndexError("cannot take it")
        return scores(self, images, *rest)

    monkeypatch.setattr(Classifier, "scores", fussy)
    strip = encoded(Image.new("RGB", (16, 20_000), "white"))
    drop(page, ("a.png", png(0)), ("bad.png", encoded(cell(77, 90))), ("strip.png", strip))
    assert [one.name for one in box(page).refused] == ["bad.png", "strip.png"]
    assert not box(page).waiting
    assert [one.name for one in readings()] == ["a.png"]
    drop(page, ("b.png", png(1)))
    assert [one.name for one in readings()] == ["a.png", "b.png"]
