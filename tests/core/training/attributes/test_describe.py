"""A bundle learns to tell attributes; its class predictions stay as they are."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.dataset.attributes import attributes_of, read_attributes
from core.dataset.catalogue import update_catalogue
from core.dataset.provenance import WBCATT
from core.dataset.splits import split
from core.dataset.synthetic import render_cell
from core.errors import BundleRefusedError, DatasetError, TrainingError
from core.morphology import ATTRIBUTES
from core.settings import Settings
from core.training.attributes import cells as module
from core.training.attributes.cells import AttributeData
from core.training.attributes.describe import describe
from core.training.attributes.heads import BATCH, SIZES, fit_heads
from core.vision.bundle import CARD, HEADS, Bundle, checksum, load_bundle, write_card
from core.vision.classifier import Classifier
from tests.factories import make_bundle

LOOKS = {"lymphocyte": 1, "neutrophil": 0}  # which of each attribute's values a test gives them


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> AttributeData:
    """Drawn cells of two classes, whose attributes all differ."""
    tmp_path = tmp_path_factory.mktemp("data")
    rows = []
    for label, place in LOOKS.items():
        folder = tmp_path / "cells" / label
        folder.mkdir(parents=True)
        rng = np.random.default_rng(place)
        for number in range(50):
            name = f"{label}_{number}.png"
            Image.fromarray(render_cell(label, rng, 96)).save(folder / name)
            values = {one.key: list(one.words)[place] for one in ATTRIBUTES}
            rows.append({"img_name": name, "label": label, **values})
    with (tmp_path / "attributes.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return AttributeData(tmp_path / "cells", tmp_path / "attributes.csv", source="synthetic images")


@pytest.fixture(scope="module")
def bundle(data: AttributeData, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Whose data set these cells are."""
    folder = tmp_path_factory.mktemp("models")
    made = make_bundle(folder, classes=tuple(LOOKS))
    known = update_catalogue(data.root, folder).fingerprint
    told = made.card.data.model_copy(update={"fingerprint": known})
    write_card(made.folder, made.card.model_copy(update={"data": told}))
    return load_bundle(made.folder)


@pytest.fixture(scope="module")
def learnt(bundle: Bundle, data: AttributeData, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Not to be changed: learning it takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEWEST", 5)
        patch.setattr("core.training.attributes.describe.VIEWS", 2)
        settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
        return describe(bundle, data, "telling", settings, epochs=40)


@pytest.fixture
def described(learnt: Bundle, tmp_path: Path) -> Bundle:
    """A copy of it."""
    return load_bundle(Path(shutil.copytree(learnt.folder, tmp_path / "telling")))


def images(data: AttributeData) -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sorted(data.root.glob("*/*.png"))[::10]]


def test_it_tells_what_it_learnt_and_predicts_as_before(
    bundle: Bundle, described: Bundle, data: AttributeData
) -> None:
    before = Classifier(bundle, "openvino").scores(images(data))
    after = Classifier(described, "openvino").scores(images(data))
    np.testing.assert_allclose(after.classes, before.classes, atol=0.02)
    card = described.card.attributes
    assert (described.card.parent, card.classes) == ("tiny", ("lymphocyte", "neutrophil"))
    assert card.images["train"] == 80
    assert 5 <= card.images["validation"] < 20
    assert min(figures["accuracy"] for figures in card.metrics.values()) >= 0.8


def test_the_card_names_who_gave_the_attributes(
    described: Bundle, data: AttributeData, tmp_path: Path
) -> None:
    assert described.card.attributes.source == "synthetic images"
    unnamed = replace(data, source="")
    assert module.with_origin(unnamed) == unnamed  # nobody known
    text = data.file.read_text().replace("lymphocyte_", "LY_").replace("neutrophil_", "SNE_")
    renamed = tmp_path / "renamed.csv"
    renamed.write_text(text.replace(".png", ".jpg"))
    known = module.with_origin(replace(unnamed, file=renamed))
    assert (known.source, known.licence) == (WBCATT.source, "MIT")


def test_both_runtimes_tell_the_same(described: Bundle, data: AttributeData) -> None:
    fast, exact = (
        Classifier(described, runtime).scores(images(data)) for runtime in ("openvino", "torch")
    )
    np.testing.assert_allclose(fast.attributes, exact.attributes, atol=0.05)
    np.testing.assert_allclose(np.sum(fast.embedding * exact.embedding, axis=1), 1, atol=0.01)
    assert fast.attributes.sum(axis=1) == pytest.approx(np.full(10, len(ATTRIBUTES)))


def test_any_number_of_cells_can_be_learnt_from() -> None:
    one_more = BATCH + 1
    targets = np.zeros((one_more, len(ATTRIBUTES)), dtype=np.int64)
    heads = fit_heads([torch.rand(one_more, 4)], targets, epochs=1)
    assert heads(torch.rand(2, 4)).shape == (2, sum(SIZES))


def test_heads_that_do_not_fit_the_card_are_refused(described: Bundle) -> None:
    values = {**described.card.attributes.values, "cell_size": ("big",)}
    told = described.card.attributes.model_copy(update={"values": values})
    write_card(described.folder, described.card.model_copy(update={"attributes": told}))
    with pytest.raises(BundleRefusedError, match="does not fit"):
        Classifier(load_bundle(described.folder), "torch")


def test_an_unknown_attribute_on_the_card_is_refused(described: Bundle) -> None:
    told = described.card.attributes.model_copy(update={"values": {"hat": ("red",)}})
    card = described.card.model_copy(update={"attributes": told})
    (described.folder / CARD).write_text(card.model_dump_json())
    with pytest.raises(BundleRefusedError, match="unknown attributes"):
        load_bundle(described.folder)


def test_changed_heads_are_refused(described: Bundle) -> None:
    assert described.card.checksums[HEADS] == checksum(described.folder / HEADS)
    (described.folder / HEADS).write_bytes(b"changed")
    with pytest.raises(BundleRefusedError, match=HEADS):
        load_bundle(described.folder)


def test_too_few_cells_with_attributes_are_refused(
    bundle: Bundle, data: AttributeData, settings: Settings
) -> None:
    with pytest.raises(TrainingError, match="It takes 50 of each"):
        describe(bundle, data, "telling", settings)


def test_the_test_split_is_not_learnt_from(
    bundle: Bundle, data: AttributeData, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEWEST", 5)
    catalogue = update_catalogue(data.root, settings.cache_dir)
    names = split(catalogue, seed=bundle.card.data.split_seed)
    found, held_back = module.dealt(bundle, data, catalogue)
    assert set(names[found.index]) == {"train", "validation"}
    assert set(names[found.index[held_back]]) == {"validation"}


def test_another_data_set_is_refused(
    bundle: Bundle, data: AttributeData, settings: Settings, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(data.root, tmp_path / "other"))
    next(other.glob("*/*.png")).unlink()
    with pytest.raises(TrainingError, match="not the data set"):
        describe(bundle, replace(data, root=other), "telling", settings)


def test_images_without_attributes_are_left_out(data: AttributeData) -> None:
    found = attributes_of(read_attributes([data.file]), ["a/lymphocyte_3.png", "a/other.png"])
    assert list(found.index) == ["a/lymphocyte_3.png"]


def test_a_value_that_no_attribute_has_is_refused(data: AttributeData, tmp_path: Path) -> None:
    changed = tmp_path / "changed.csv"
    changed.write_text(data.file.read_text().replace("neutrophil,big", "neutrophil,huge"))
    with pytest.raises(DatasetError, match="cell_size is 'huge'"):
        read_attributes([changed])


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("img_name,colour\na.png,red\n")
    with pytest.raises(DatasetError, match="lacks the columns"):
        read_attributes([tmp_path / "other.csv"])
