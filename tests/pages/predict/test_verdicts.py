"""One prediction after the other, and what a person says to it."""

from core.prediction import ReferenceCell
from core.taxonomy import CLASSES, KEYS, OUTSIDE
from tests.pages.predict.steps import button, by_doubt, change, chosen, counts, drop, png


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
