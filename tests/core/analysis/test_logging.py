import io
from dataclasses import replace

import pytest
from PIL import Image

from core.analysis.intake import Refused, read_image
from core.analysis.logging import log_given, predict_and_log, thumbnail
from core.errors import LogFailedError
from core.prediction import CellRef
from core.records.images import ImageStore
from tests.core.analysis.images import cell, encoded


def test_what_is_logged_is_what_was_predicted(predictor, images, store, settings):
    predictions = predictor.predict(images)
    given = log_given(store, predictions, images, [None] * len(images), settings)
    for one, prediction, image in zip(given, predictions, images, strict=True):
        logged = store.reading(one.reading_id)
        assert logged.prediction == prediction
        assert logged.prediction.cell == CellRef(image.sha256, image.name)
        assert Image.open(io.BytesIO(logged.thumbnail)).format == "JPEG"


def test_the_pixel_size_is_logged_with_the_prediction(predictor, images, store, settings):
    fine = replace(images[0], um_per_px=0.1)
    (one,) = log_given(store, predictor.predict([fine]), [fine], [None], settings)
    assert store.reading(one.reading_id).um_per_px == 0.1


def test_thumbnails_are_kept_only_where_the_setting_allows(predictor, images, store, settings):
    without = settings.model_copy(update={"keep_thumbnails": False})
    (one,) = log_given(store, predictor.predict(images[:1]), images[:1], [None], without)
    assert store.reading(one.reading_id).thumbnail is None


def test_images_are_kept_as_they_were_handed_in(predictor, images, store, settings):
    log_given(store, predictor.predict(images), images, [None] * len(images), settings)
    with store.read() as session:
        for image in images:
            kept = ImageStore.from_settings(settings).get(session, image.sha256)
            assert kept == image.encoded


def test_images_are_kept_only_where_the_setting_allows(predictor, images, store, settings):
    without = settings.model_copy(update={"keep_images": False})
    (one,) = log_given(store, predictor.predict(images[:1]), images[:1], [None], without)
    assert not settings.images_dir.exists()
    assert store.reading(one.reading_id).thumbnail


def test_a_thumbnail_shows_the_whole_image():
    small = Image.open(io.BytesIO(thumbnail(read_image("a.png", encoded(cell(200, 180))))))
    assert small.size == (144, 130)


def test_each_prediction_carries_its_reading(predictor, images, store, settings):
    items = [images[0], Refused("x", "no image"), images[1]]
    first, refused, second = predict_and_log(predictor, store, items, None, settings)
    assert refused == items[1]
    assert store.reading(first.reading_id).prediction.cell.name == images[0].name
    assert store.reading(second.reading_id).prediction.cell.name == images[1].name


def test_a_prediction_that_was_not_logged_is_not_given_out(
    predictor, images, store, settings, monkeypatch
):
    def fail(*_args, **_options):
        raise LogFailedError("The disk is full.")

    monkeypatch.setattr(store, "log", fail)
    with pytest.raises(LogFailedError, match="disk is full"):
        predict_and_log(predictor, store, images, None, settings)


def test_a_refused_image_is_not_logged_and_keeps_its_place(predictor, images, store, settings):
    refused = Refused(images[1].name, "It could not be worked on.")
    given = [*predictor.predict(images[:1]), refused, *predictor.predict(images[2:3])]
    first, same, second = log_given(store, given, images[:3], [None] * 3, settings)
    assert same is refused
    names = [store.reading(one.reading_id).prediction.cell.name for one in (first, second)]
    assert names == [images[0].name, images[2].name]
