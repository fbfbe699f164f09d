"""The bundles of a fresh clone: whole, described, and as good on real cells as their cards say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.dataset.catalogue import update_catalogue
from core.dataset.splits import split
from core.evaluation.evaluate import evaluate
from core.images import decode
from core.settings import Settings
from core.training.config import TrainConfig
from core.training.packaging.card import LICENCE
from core.training.recipes import find_recipe
from core.vision.bundle import README, Bundle, find_bundle
from core.vision.card.text import card_markdown
from core.vision.classifier import Classifier

MADE_BY = {"located-efficientnet-lite0": "cells", "labs-efficientnet-lite0": "nuclei"}


@pytest.fixture(scope="module", params=MADE_BY)
def bundle(request: pytest.FixtureRequest) -> Bundle:
    return find_bundle(request.param, Settings())


def test_the_one_in_use_is_among_them() -> None:
    assert Settings().bundle in MADE_BY


def test_card_names_data_licence_and_figures(bundle: Bundle) -> None:
    card = bundle.card

    assert not card.synthetic
    assert card.data.licence == "CC BY 4.0"
    assert "Acevedo" in card.data.citation
    test = card.metrics["test"]
    assert test["accuracy"] >= 0.95
    assert min(figures["recall"] for figures in test["per_class"].values()) >= 0.85
    assert all(one.licence and one.citation for one in card.data.further)


def test_the_card_for_people_says_what_the_card_says(bundle: Bundle) -> None:
    assert bundle.card.licence == LICENCE
    assert (bundle.folder / README).read_text(encoding="utf-8") == card_markdown(bundle.card)


def test_the_recipe_makes_it_again(bundle: Bundle, tmp_path: Path) -> None:
    folders = ("pbc/bloodcells_dataset", "external/bccd_cells", "external/chula", "external/krd")
    for folder in (*folders, "abnormal/aml_lmu", "fields/chula_rbc"):
        (tmp_path / folder).mkdir(parents=True)
    recipe = find_recipe(MADE_BY[bundle.name])(tmp_path)
    last = json.loads(replace(recipe[-1], start=bundle.card.parent).to_json())
    for one in (*last["further"], last["smears"]):
        one["folder"] = Path(one["folder"]).name
    # A configuration of before some setting came has that setting's default.
    of_card = json.loads(TrainConfig.from_dict(bundle.card.config).to_json())
    assert last | {"data_dir": "bloodcells_dataset"} == of_card


@pytest.mark.slow
def test_predictions_of_held_back_cells_are_those_of_the_card(
    bundle: Bundle, real_data: Path, tmp_path: Path
) -> None:
    catalogue = update_catalogue(real_data, tmp_path)
    if catalogue.fingerprint != bundle.card.data.fingerprint:
        pytest.skip("These are not the images that the model was split on.")
    splits = split(catalogue, seed=bundle.card.data.split_seed)
    table = catalogue.images[catalogue.images["path"].map(splits) == "test"]

    result = evaluate(Classifier(bundle), real_data, table)

    expected = bundle.card.metrics["test"]
    assert len(result) == expected["n"]
    accuracy = (result.truth == result.predicted).mean()
    assert accuracy == pytest.approx(expected["accuracy"], abs=0.002)  # other processors round


def test_fast_runtime_agrees_with_pytorch_on_real_cells(bundle: Bundle, real_data: Path) -> None:
    paths = sorted(real_data.glob("*/*.jpg"))[::100]
    images = [
        decode(path.read_bytes(), at_least_px=bundle.card.preparation.at_least_px) for path in paths
    ]

    fast = Classifier(bundle, "openvino").probabilities(images)
    reference = Classifier(bundle, "torch").probabilities(images)

    assert len(images) > 100
    assert (fast.argmax(axis=1) == reference.argmax(axis=1)).mean() >= 0.999
    assert abs(fast - reference).max() < 0.02
