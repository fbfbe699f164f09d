"""All predictions of a sheet: cards, table and counts."""

import base64

from core.dataset.synthetic import example_cells
from core.taxonomy import KEYS, kind
from pages.components.predict.results import SUSPECTED_NAME
from pages.components.shared.gallery import _card
from tests.pages.predict.steps import box, button, change, counts, drop, png


def test_table_view_lists_the_predictions(page):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    page.segmented_control(key="predict_view").set_value("Table").run()
    assert sorted(page.dataframe[0].value["Image"]) == ["a.png", "b.png"]


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
