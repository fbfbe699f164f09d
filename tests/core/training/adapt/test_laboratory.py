"""A bundle fitted to a laboratory: better there, no worse at home, or not offered."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from torch import nn
from typer import Exit

from apps.cli import laboratory as command_line
from core.dataset.folders import labelled_folder
from core.dataset.synthetic import render_cell
from core.errors import BundleError, TrainingError
from core.settings import Settings
from core.training.adapt import fitting
from core.training.adapt import laboratory as module
from core.training.adapt.cells import LabelledCells
from core.training.adapt.change import LEVEL, Change
from core.training.adapt.laboratory import adapt
from core.training.adapt.measuring import Measured
from core.training.loop.data import Images, TrainingData
from core.training.packaging.reference import read_reference, write_reference
from core.vision.bundle import Bundle, checksum, load_bundle, write_card
from core.vision.preparation import Preparation
from core.vision.views import NucleusView
from tests.factories import make_bundle

CLASSES = ("lymphocyte", "monocyte", "neutrophil")


def drawn(count: int, seed: int) -> tuple[list[Image.Image], list[str]]:
    labels = [CLASSES[i % 3] for i in range(count)]
    rng = np.random.default_rng(seed)
    return [Image.fromarray(render_cell(label, rng, 120)) for label in labels], labels


def labelled(count: int, seed: int) -> LabelledCells:
    images, labels = drawn(count, seed)
    views = tuple(str(number) for number in range(count))
    return LabelledCells("ward 3's cells", tuple(images), tuple(labels), views)


def data_of(side_px: int, count: int = 60) -> TrainingData:
    prepare = Preparation(side_px, NucleusView(), 1.5)
    cells, labels = drawn(count, seed=0)
    images = np.stack([prepare(cell) for cell in cells])
    targets = np.array([CLASSES.index(label) for label in labels])
    rows = np.arange(count)
    names = tuple(f"{label}/{i}.jpg" for i, label in enumerate(labels))
    return TrainingData(
        Images(images), targets, rows[: count // 2], rows[count // 2 :], CLASSES, names
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """An untrained bundle that frames its cells and holds reference cells."""
    made = make_bundle(tmp_path, classes=CLASSES)
    write_reference(made.folder, data_of(made.card.side_px))
    checksums = made.card.checksums | {"reference.zip": checksum(made.folder / "reference.zip")}
    limits = dict.fromkeys(CLASSES, 0.1)
    card = made.card.model_copy(
        update={"view": NucleusView(), "checksums": checksums, "set_limits": limits}
    )
    write_card(made.folder, card)
    return load_bundle(made.folder)


def test_reference_cells_are_kept_with_their_names(bundle: Bundle) -> None:
    reference = read_reference(bundle.folder, CLASSES)
    assert reference.images.shape == (60, 96, 96, 3)
    assert reference.validation.sum() == 30
    first = reference.names.index("0.jpg")
    expected = data_of(64).images[np.array([0])][0].astype(int)
    assert np.abs(reference.images[first] - expected).mean() < 3
    assert reference.targets[first] == 0


def test_reference_cells_carry_no_time(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.folder / "reference.zip") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_damaged_reference_cells_are_refused(bundle: Bundle) -> None:
    file = bundle.folder / "reference.zip"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(BundleError, match=r"reference\.zip is not the file"):
        load_bundle(bundle.folder)


def test_a_class_that_the_bundle_does_not_know_is_refused(
    bundle: Bundle, settings: Settings
) -> None:
    cells = labelled(30, seed=1)
    with pytest.raises(TrainingError):
        adapt(bundle, replace(cells, labels=("basophil", *cells.labels[1:])), "ward-3", settings)


@pytest.mark.slow
def test_a_better_bundle_is_made_and_names_its_parent(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "STEPS", 40)
    told: list[float] = []
    made, change = adapt(
        bundle,
        labelled(120, seed=1),
        "ward-3",
        settings,
        progress=lambda share, _: told.append(share),
    )
    assert (change.fitted, change.checked) == (80, 40)
    assert made is not None, change
    assert change.p_value < LEVEL
    assert (made.card.parent, made.name) == (bundle.name, "ward-3")
    assert made.card.adapted == {**vars(change), "p_value": change.p_value}
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_is_no_better_is_not_offered(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "STEPS", 1)
    monkeypatch.setattr(fitting, "LEARNING_RATE", 1e-9)
    made, change = adapt(bundle, labelled(30, seed=1), "ward-3", settings)
    assert made is None
    assert not change.is_better
    assert not list(settings.bundle_dirs[1].iterdir())


def test_of_a_folder_what_is_damaged_or_goes_is_named_and_the_rest_is_fitted_to(
    bundle: Bundle,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(fitting, "STEPS", 1)
    monkeypatch.setattr(fitting, "LEARNING_RATE", 1e-9)
    monkeypatch.setattr(command_line, "bundle_named", lambda _: bundle)
    folder = tmp_path / "cells"
    for number, (image, label) in enumerate(zip(*drawn(32, seed=1), strict=True)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        image.save(folder / label / f"{number}.png")
    damaged, gone = folder / CLASSES[0] / "0.png", folder / CLASSES[1] / "1.png"
    damaged.write_bytes(damaged.read_bytes()[:300])

    def listed(root: Path) -> pd.DataFrame:
        table = labelled_folder(root)
        gone.unlink()
        return table

    monkeypatch.setattr("core.dataset.folders.labelled_folder", listed)
    with pytest.raises(Exit):  # no better
        command_line.adapt(folder, 20, "ward-3", json_file=tmp_path / "told.json")
    told = json.loads((tmp_path / "told.json").read_text())
    assert sorted(told["unreadable"]) == [f"{CLASSES[0]}/0.png", f"{CLASSES[1]}/1.png"]
    assert (told["fitted"], told["checked"]) == (20, 10)
    error = capsys.readouterr().err
    assert str(damaged) in error and str(gone) in error


@pytest.mark.parametrize(
    ("better", "worse", "home", "accepted"),
    [
        (9, 1, 0.98, True),
        (6, 0, 0.98, True),
        (5, 0, 0.98, False),  # as heads five times in a row: one time in 16
        (12, 9, 0.98, False),
        (1, 9, 0.98, False),
        (0, 0, 0.98, False),
        (9, 1, 0.97, False),
    ],
)
def test_better_means_there_beyond_chance_and_not_worse_at_home(
    better: int, worse: int, home: float, accepted: bool
) -> None:
    after = 0.5 + (better - worse) / 40
    assert Change(80, 40, 0.5, after, better, worse, 0.98, home).is_better is accepted


def test_the_p_value_is_mcnemars() -> None:
    change = Change(80, 40, 0.5, 0.7, 9, 1, 0.98, 0.98)
    assert change.p_value == pytest.approx(2 * (1 + 10) / 2**10)
    assert "better on 9, worse on 1 of 40" in change.in_words()


def test_what_is_better_by_luck_alone_is_refused(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    luck = np.array([True] * 3 + [False] * 2 + [True] * 5 + [False] * 6)  # of 16: 3 won, 2 lost
    parent = np.array([False] * 3 + [True] * 2 + [True] * 5 + [False] * 6)
    at_home = np.ones(30, bool)
    none = np.empty(0, bool)
    found = iter(Measured(there, at_home, there, none) for there in (parent, luck))
    monkeypatch.setattr(fitting, "STEPS", 1)
    monkeypatch.setattr(module, "measured", lambda *_: next(found))
    made, change = adapt(bundle, labelled(48, seed=1), "ward-3", settings)
    assert (change.better, change.worse, change.checked) == (3, 2, 16)
    assert change.after > change.before
    assert made is None
    assert not list(settings.bundle_dirs[1].iterdir())


def test_it_goes_as_far_to_the_fitted_weights_as_loses_little_at_home(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[float] = []

    def noted(parent: Bundle, net: nn.Module, share: float) -> nn.Module:
        gone.append(share)
        return fitting.blended(parent, net, share)

    wrong, right, none = np.zeros(16, bool), np.ones(16, bool), np.empty(0, bool)
    found = iter(
        Measured(there, home, there, none)
        for there, home in ((wrong, right), (right, wrong), (right, right))
    )
    monkeypatch.setattr(fitting, "STEPS", 1)
    monkeypatch.setattr(module, "blended", noted)
    monkeypatch.setattr(module, "measured", lambda *_: next(found))
    made, change = adapt(bundle, labelled(48, seed=1), "ward-3", settings)
    assert gone == [1.0, 0.75]
    assert made
    assert change.home_after == 1.0


def test_too_few_labels_and_missing_references_are_refused(
    bundle: Bundle, settings: Settings
) -> None:
    with pytest.raises(TrainingError, match="at least 20"):
        adapt(bundle, labelled(9, seed=1), "ward-3", settings)
    (bundle.folder / "reference.zip").unlink()
    with pytest.raises(BundleError, match="no reference cells"):
        adapt(bundle, labelled(30, seed=1), "ward-3", settings)


def test_a_referral_that_is_lost_is_never_better() -> None:
    there = Change(80, 40, 0.5, 0.7, 9, 1, 0.98, 0.98, abnormal=50, referred_before=46)
    assert replace(there, referred_after=44).is_better
    assert not replace(there, referred_after=43).is_better
    assert not replace(there, referred_after=0).keeps_referral


def test_each_reason_against_it_is_told_alone() -> None:
    good = Change(80, 40, 0.5, 0.7, 9, 1, 0.98, 0.98, 0.4, 0.5, 50, 46, 46)
    assert good.why_not() == []
    reasons = [
        replace(good, **change).why_not()
        for change in ({"better": 1}, {"home_after": 0.97}, {"referred_after": 30})
    ]
    assert [len(told) for told in reasons] == [1, 1, 1]
    assert len({told for (told,) in reasons}) == 3
    assert "beyond chance" in reasons[0][0]


@pytest.mark.parametrize("most", [0, -5, 9])
def test_too_few_to_fit_on_are_refused(bundle: Bundle, settings: Settings, most: int) -> None:
    with pytest.raises(TrainingError, match="at least 10"):
        adapt(bundle, labelled(30, seed=1), "ward-3", settings, most=most)


def test_images_of_the_same_are_few_however_many_they_are(
    bundle: Bundle, settings: Settings
) -> None:
    cells = replace(labelled(60, seed=1), views=tuple(str(n % 19) for n in range(60)))
    with pytest.raises(TrainingError, match="there are 19"):
        adapt(bundle, cells, "ward-3", settings)


def test_it_lists_the_laboratory_and_finds_its_limits_anew(
    bundle: Bundle, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "STEPS", 1)
    monkeypatch.setattr(Change, "is_better", True)
    write_card(bundle.folder, bundle.card.model_copy(update={"review_rule": "of the parent"}))
    made, change = adapt(load_bundle(bundle.folder), labelled(48, seed=1), "ward-3", settings)
    assert made
    assert made.card.data.further[-1].source == "ward 3's cells"
    assert made.card.data.further[-1].images == change.fitted == 32
    assert "the same images changed" in made.card.review_rule
    assert made.card.attributes is None
