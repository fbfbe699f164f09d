"""What is dropped is predicted once each, or refused with its reason."""

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.errors import LogFailedError
from core.records.sheets import SheetReading
from core.records.store import Store
from core.taxonomy import KEYS
from core.vision.classifier import Classifier
from pages.components.predict.predicting import BATCH
from tests.core.analysis.images import cell, encoded, field, zipped
from tests.pages.predict.steps import box, button, drop, png


def test_a_rerun_predicts_nothing_twice(page, store, readings):
    drop(page, ("a.png", png()), ("b.png", png(1)))
    page.run()
    page.run()
    assert [one.id for one in readings()] == [1, 2]
    with pytest.raises(Exception, match="no reading 3"):
        store.reading(3)


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


def test_a_whole_number_of_batches_is_shown_too(page, readings):
    drop(page, *[(f"{i}.png", png(i)) for i in range(BATCH)])
    assert not page.exception
    assert len(readings()) == BATCH


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
