"""Reference cells: the nearest are found by label, and never one of the same image."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.analysis.intake import read_image
from core.analysis.predictor import Predictor
from core.dataset.synthetic import render_cell
from core.training.loop.data import Images, TrainingData
from core.training.packaging.reference import (
    sources_of,
    training_entries,
    write_index,
    write_reference,
)
from core.vision.bundle import INDEX, REFERENCE, Bundle, checksum, load_bundle, write_card
from core.vision.card.contents import FurtherCells
from core.vision.classifier import Classifier
from core.vision.preparation import Preparation
from core.vision.reference_cells import ReferenceIndex, image_of, load_index, reference_image
from core.vision.views import NucleusView
from tests.factories import make_bundle

CLASSES = ("lymphocyte", "monocyte", "neutrophil")
CELLS = 24
ELSEWHERE = 18  # from this row on, cells are of a further laboratory


def drawn(count: int) -> list[Image.Image]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(render_cell(CLASSES[i % 3], rng, 120)) for i in range(count)]


@pytest.fixture(scope="module")
def images() -> list[Image.Image]:
    return drawn(CELLS)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, images: list[Image.Image]) -> Bundle:
    """A bundle that carries all these cells."""
    made = make_bundle(tmp_path_factory.mktemp("models"), classes=CLASSES)
    prepare, rows = Preparation(64, NucleusView(), 1.5), np.arange(CELLS)
    data = TrainingData(
        Images(np.stack([prepare(image) for image in images])),
        rows % 3,
        rows,
        rows[:0],
        CLASSES,
        tuple(f"cells/C_{row}.png" for row in rows),
        further_rows=(rows[ELSEWHERE:],),
    )
    write_reference(made.folder, data)
    other = FurtherCells(source="elsewhere: a laboratory", images=6, licence="MIT", citation="none")
    origin = made.card.data.model_copy(update={"further": (other,)})
    checksums = {**made.card.checksums, REFERENCE: checksum(made.folder / REFERENCE)}
    card = made.card.model_copy(
        update={"view": NucleusView(), "data": origin, "checksums": checksums}
    )
    index = write_index(Bundle(made.folder, card), sources_of(made.folder, data, origin))
    write_card(made.folder, card.model_copy(update={"checksums": {**checksums, INDEX: index}}))
    return load_bundle(made.folder)


def predicted(bundle: Bundle, image: Image.Image, name: str, **saved: object):
    out = io.BytesIO()
    image.save(out, **{"format": "PNG", **saved})
    return Predictor(Classifier(bundle, "openvino")).predict([read_image(name, out.getvalue())])[0]


def test_each_has_its_label_file_and_source(bundle: Bundle) -> None:
    index = load_index(bundle)
    assert index is not None
    assert len(index.entries) == CELLS
    by_entry = dict(zip(index.entries, index.sources, strict=True))
    assert by_entry["train/lymphocyte/0-C_0.jpg"] == "none"
    assert by_entry["train/lymphocyte/18-C_18.jpg"] == "elsewhere: a laboratory"


def test_a_prediction_shows_the_nearest_of_its_likely_classes(bundle: Bundle) -> None:
    prediction = predicted(bundle, drawn(CELLS + 1)[-1], "new.png")
    labels = [cell.label for cell in prediction.reference_cells]
    assert labels[:3] == [prediction.label] * 3
    first, second, *_ = sorted(
        prediction.probabilities, key=lambda key: -prediction.probabilities[key]
    )
    likely = {prediction.label, *prediction.prediction_set}
    # A doubt asks for something to compare with, also where one class alone is likely.
    assert prediction.status == "review"
    assert set(labels) == (likely if len(likely) > 1 else {first, second})
    likeness = [cell.likeness for cell in prediction.reference_cells[:3]]
    assert likeness == sorted(likeness, reverse=True)
    index = load_index(bundle)
    seen = Classifier(bundle, "openvino").scores([drawn(CELLS + 1)[-1]])
    own = [row for row, entry in enumerate(index.entries) if f"/{prediction.label}/" in entry]
    assert likeness[0] == pytest.approx((index.embedding[own] @ seen.embedding[0]).max(), abs=0.01)


@pytest.mark.parametrize("saved", [{"format": "PNG"}, {"format": "JPEG", "quality": 60}])
def test_a_cell_is_no_evidence_for_itself(
    bundle: Bundle, images: list[Image.Image], saved: dict[str, object]
) -> None:
    for row in range(3):
        found = predicted(bundle, images[row], "renamed.png", **saved).reference_cells
        assert f"C_{row}.jpg" not in {cell.file for cell in found}
        assert len(found) % 3 == 0  # another takes its place


def test_cells_of_the_same_field_are_left_out() -> None:
    entries = ("train/neutrophil/0-Blood_07_1.jpg", "train/neutrophil/1-Blood_08_1.jpg")
    index = ReferenceIndex(entries, ("a", "a"), np.eye(2, dtype="f4"), np.eye(2, dtype="f4"))
    nothing = np.zeros(2, dtype="f4")
    found = index.nearest(np.array([1, 0], "f4"), nothing, "neutrophil", "Blood_07_2.png")
    assert [cell.file for cell in found] == ["Blood_08_1.jpg"]


def test_the_image_of_a_cell_is_told_by_its_name() -> None:
    assert image_of("BloodImage_00157_1.jpg") == image_of("x/BloodImage_00157_2.png")
    assert image_of("BNE_7323.jpg") != image_of("BNE_7324.jpg")


def test_the_image_is_the_cell_as_the_network_sees_it(
    bundle: Bundle, images: list[Image.Image]
) -> None:
    square = reference_image(bundle, "train/monocyte/1-C_1.jpg")
    seen = bundle.card.preparation(images[1])
    assert np.abs(square.astype(int) - seen).mean() < 4
    assert reference_image(bundle, "train/monocyte/99-gone.jpg") is None


def test_a_bundle_without_an_index_shows_none(tmp_path: Path) -> None:
    assert predicted(make_bundle(tmp_path), drawn(1)[0], "a.png").reference_cells == ()


def test_what_shows_no_cell_is_no_reference(tmp_path: Path) -> None:
    squares = Images(np.zeros((2, 96, 96, 3), np.uint8))
    rows = np.arange(2)
    data = TrainingData(
        squares, rows, rows, rows[:0], ("monocyte",), outside=("no_cell",), names=("a.png", "")
    )
    write_reference(tmp_path, data)
    assert training_entries(tmp_path) == ["train/monocyte/0-a.jpg"]
