from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.analysis.intake import read_image
from core.analysis.predictor import Predictor
from core.dataset.folders import labelled_folder
from core.dataset.synthetic import example_cells, render_cell
from core.errors import DatasetError, ProfileError
from core.evaluation.evaluate import CHUNK, evaluate
from core.taxonomy import KEYS
from core.vision.classifier import Classifier, Scores
from tests.factories import make_profile


class ReadsRed:
    """A stand-in for a classifier: the red channel, in steps of 20, is the class."""

    runtime_name = "red"

    def __init__(self, bundle):
        self.bundle = bundle
        self.at_least_px = bundle.card.side_px
        self.asked = 0

    def scores(self, images, profile=None):
        self.asked += len(images)
        found = np.array([round(float(np.asarray(image)[..., 0].mean()) / 20) for image in images])
        classes = np.eye(len(self.bundle.card.classes))[found]
        shares = np.stack([found / 10, 1 - found / 10], axis=1)
        told = shares if self.bundle.card.attributes else shares[:, :0]
        embedding = np.eye(9, dtype=np.float32)[found]
        return Scores(classes, found, classes[:, :0], told, embedding, classes[:, :0])


def draw(path: Path, red: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (90, 80), (red, 10, 10)).save(path)


@pytest.fixture
def cells(tmp_path):
    """More than two chunks of cells; number 3 looks like a basophil but is labelled ig."""
    rows = []
    for number in range(2 * CHUNK + 3):
        key = KEYS[number % 8]
        path = f"{key}/{number}.png"
        draw(tmp_path / path, 0 if number == 3 else 20 * (number % 8))
        rows.append((path, key, "Myelocyte" if key == "ig" else None))
    return pd.DataFrame(rows, columns=["path", "label", "subtype"])


def test_a_profile_of_another_model_is_refused_before_any_image_is_read(bundle, cells, tmp_path):
    classifier = ReadsRed(bundle)
    with pytest.raises(ProfileError):
        evaluate(classifier, tmp_path, cells, profile=make_profile(bundle="other"))
    assert classifier.asked == 0


def test_each_sample_keeps_its_own_prediction(bundle, cells, tmp_path):
    result = evaluate(ReadsRed(bundle), tmp_path, cells, split="test", data_fingerprint="f")
    assert result.sample_ids == tuple(cells["path"])
    assert result.errors()[["path", "true", "predicted"]].values.tolist() == [
        ["ig/3.png", "ig", "basophil"]
    ]
    assert (result.bundle, result.split, result.data_fingerprint) == ("tiny", "test", "f")
    assert set(result.subtypes) == {"", "Myelocyte"}
    assert not result.synthetic


def test_attributes_and_embedding_are_kept_from_the_same_pass(bundle, telling, cells, tmp_path):
    card = telling.model_copy(update={"values": {"granularity": ("no", "yes")}})
    bundle = replace(bundle, card=bundle.card.model_copy(update={"attributes": card}))
    (tmp_path / cells["path"][1]).unlink()
    reader = ReadsRed(bundle)
    result = evaluate(reader, tmp_path, cells)
    assert reader.asked == len(result) == len(cells) - 1
    assert result.attributes_card == card
    assert (result.attributes.dtype, result.embedding.dtype) == (np.float32, np.float16)
    assert result.attributes[:, 0] == pytest.approx(result.predicted / 10)
    assert np.array_equal(result.embedding, np.eye(9)[result.predicted])


def test_a_bundle_that_tells_no_attributes_keeps_none(bundle, cells, tmp_path):
    result = evaluate(ReadsRed(bundle), tmp_path, cells[:5])
    assert (result.attributes_card, result.attributes.shape) == (None, (5, 0))


def test_progress_ends_with_all_of_them(bundle, cells, tmp_path):
    told = []
    evaluate(ReadsRed(bundle), tmp_path, cells, lambda done, total: told.append((done, total)))
    assert told == [(CHUNK, len(cells)), (2 * CHUNK, len(cells)), (len(cells), len(cells))]


def test_unreadable_images_are_counted_not_fatal(bundle, cells, tmp_path):
    (tmp_path / cells["path"][1]).write_text("no image")
    (tmp_path / cells["path"][2]).unlink()
    result = evaluate(ReadsRed(bundle), tmp_path, cells)
    assert [path for path, _ in result.unreadable] == list(cells["path"][1:3])
    assert len(result) == len(cells) - 2
    assert result.predicted[2] == result.truth[2]  # what follows did not shift


def test_nothing_readable_is_an_error(bundle, cells, tmp_path):
    with pytest.raises(DatasetError, match="None of the 1 images"):
        evaluate(ReadsRed(bundle), tmp_path / "elsewhere", cells[:1])


def test_no_rows_is_an_error(bundle, cells, tmp_path):
    with pytest.raises(DatasetError, match="no images of a known class"):
        evaluate(ReadsRed(bundle), tmp_path, cells[:0])


def test_where_no_cell_of_a_class_can_be_read_that_is_an_error(bundle, cells, tmp_path):
    (tmp_path / cells["path"][0]).write_text("no image")
    blast = cells[1:2].assign(label="blast")
    with pytest.raises(DatasetError, match="None of the images of a class"):
        evaluate(ReadsRed(bundle), tmp_path, pd.concat([cells[:1], blast]))


def test_unknown_label_is_an_error_that_lists_the_known(bundle, cells, tmp_path):
    with pytest.raises(DatasetError, match=r"holiday.*neutrophil"):
        evaluate(ReadsRed(bundle), tmp_path, cells.assign(label="holiday"))


def test_cells_of_no_class_alone_are_nothing_to_evaluate(bundle, cells, tmp_path):
    with pytest.raises(DatasetError, match="no images of a known class"):
        evaluate(ReadsRed(bundle), tmp_path, cells.assign(label="blast"))


def test_each_sample_keeps_the_status_that_a_prediction_would_have(bundle, tmp_path):
    """The decision rule that is evaluated is the one that ships."""
    cells = example_cells(seed=5)
    (tmp_path / "monocyte").mkdir()
    for name, data in cells:
        (tmp_path / "monocyte" / name).write_bytes(data)
    classifier = Classifier(bundle)
    images = [read_image(name, data, classifier.at_least_px) for name, data in sorted(cells)]
    predicted = Predictor(classifier).predict(images)
    result = evaluate(classifier, tmp_path, labelled_folder(tmp_path))
    assert list(result.statuses) == [one.status for one in predicted]


def test_what_lies_outside_the_classes_is_kept_apart(bundle, cells, tmp_path):
    table = cells.assign(label=["blast", *cells["label"][1:]])
    result = evaluate(ReadsRed(bundle), tmp_path, table)
    assert result.sample_ids == tuple(cells["path"][1:])
    [cell] = result.outside_cells
    assert (cell.path, cell.kind, cell.predicted) == (cells["path"][0], "blast", "basophil")
    assert len(result.statuses) == len(result.subtypes) == len(result.embedding) == len(result)


def test_a_class_that_the_bundle_does_not_know_is_always_wrong(bundle, cells, tmp_path):
    card = bundle.card.model_copy(update={"classes": KEYS[:7]})
    small = ReadsRed(replace(bundle, card=card))
    known = cells[cells["label"] != "platelet"]
    stray = cells[cells["label"] == "platelet"][:1]
    draw(tmp_path / stray["path"].iloc[0], 0)
    result = evaluate(small, tmp_path, pd.concat([known, stray]))
    assert result.classes == KEYS
    assert result.samples_in(true="platelet")["predicted"].tolist() == ["basophil"]


def test_synthetic_images_mark_the_result(bundle, cells, tmp_path):
    assert evaluate(ReadsRed(bundle), tmp_path, cells, synthetic=True).synthetic


def test_a_real_bundle_predicts_real_cells(bundle, real_data):
    table = labelled_folder(real_data).groupby("label").head(4)
    result = evaluate(Classifier(bundle), real_data, table)
    assert result.probabilities.shape == (len(table), 8)
    assert result.probabilities.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(("side_px", "ending"), [(1600, "png"), (1600, "jpg"), (700, "png")])
def test_it_sees_what_a_prediction_sees_at_any_size(bundle, tmp_path, side_px, ending):
    """A bundle's figures are of its predictions only where both are given the same pixels."""
    cell = Image.fromarray(render_cell("monocyte", np.random.default_rng(3)))
    file = tmp_path / "monocyte" / f"large.{ending}"
    file.parent.mkdir()
    cell.resize((side_px, side_px - 90), Image.Resampling.BICUBIC).save(file)
    classifier = Classifier(bundle)
    [predicted] = Predictor(classifier).predict(
        [read_image(file.name, file.read_bytes(), classifier.at_least_px)]
    )
    evaluated = evaluate(classifier, tmp_path, labelled_folder(tmp_path))
    assert evaluated.probabilities[0] == pytest.approx(list(predicted.probabilities.values()))
