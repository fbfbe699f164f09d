"""Laboratory profiles: made, kept, put in use, undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from core.access.accounts import Account, Role
from core.analysis.intake import CellImage
from core.analysis.predictor import Predictor
from core.analysis.profiles import (
    check_profile_name,
    keep_profile,
    load_profile,
    profile_names,
    save_profile,
)
from core.dataset.synthetic import render_cell
from core.errors import NotAllowedError, ProfileError
from core.records import audit
from core.records.store import Store
from core.settings import Settings
from core.taxonomy import KEYS
from core.vision import profiling
from core.vision.classifier import Classifier
from core.vision.profile import Profile
from core.vision.profiling import make_profile
from core.vision.views import CellView
from tests.factories import make_bundle
from tests.threads import at_once


@pytest.fixture(scope="module")
def cells() -> list[Image.Image]:
    return [
        Image.fromarray(render_cell(key, np.random.default_rng(i)))
        for i, key in enumerate(("monocyte", "neutrophil", "lymphocyte") * 17)
    ]


@pytest.fixture
def made(cells: list[Image.Image], predictor: Predictor) -> Profile:
    return make_profile("ward-3", cells, predictor.classifier)


@pytest.fixture
def ward() -> Profile:
    return Profile(
        name="ward-3",
        cells=60,
        nucleus_share=0.3,
        class_mix=dict.fromkeys(KEYS, 1 / 8),
        bundle="any",
        created=datetime.now(UTC),
    )


def test_says_what_is_usual_there(made: Profile, predictor: Predictor) -> None:
    assert made.cells == 51
    assert 0.15 < made.nucleus_share < 0.5
    assert sum(made.class_mix.values()) == pytest.approx(1)
    assert made.bundle == predictor.classifier.bundle.name


def test_the_share_follows_the_magnification(
    cells: list[Image.Image], made: Profile, predictor: Predictor
) -> None:
    closer = [cell.crop((60, 60, 300, 300)) for cell in cells]
    near = make_profile("near", closer, predictor.classifier)
    assert near.nucleus_share / made.nucleus_share == pytest.approx(1.5, rel=0.1)


def test_too_few_cells_are_refused(cells: list[Image.Image], predictor: Predictor) -> None:
    blank = [Image.new("RGB", (100, 100), "white")] * 20
    with pytest.raises(ProfileError, match="49 of these 69 show one"):
        make_profile("few", [*cells[:49], *blank], predictor.classifier)


def test_a_model_that_sees_whole_cells_measures_those(
    cells: list[Image.Image], around: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling, "find_nucleus", lambda image: None)
    made = make_profile("whole", cells, around)
    assert (made.cells, made.nucleus_share) == (51, None)
    closer = [cell.crop((60, 60, 300, 300)) for cell in cells]
    near = make_profile("near", closer, around)
    assert made.cell_share
    assert near.cell_share
    assert near.cell_share / made.cell_share == pytest.approx(1.5, rel=0.1)


def test_images_that_the_model_takes_for_no_cell_do_not_count(
    cells: list[Image.Image], around: Classifier
) -> None:
    rejecting = around.bundle.card.model_copy(update={"reject_above": 0.0})
    bundle = replace(around.bundle, card=rejecting)
    with pytest.raises(ProfileError, match=f"0 of these {len(cells)} show one"):
        make_profile("none", cells, Classifier(bundle))


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A model that sees whole cells, and has an output for images without one."""
    bundle = make_bundle(tmp_path_factory.mktemp("around"))
    seeing = {"view": CellView("cells-1"), "classes": KEYS[:-1], "outside": ("no_cell",)}
    return Classifier(replace(bundle, card=bundle.card.model_copy(update=seeing)))


def test_a_name_that_could_be_a_path_is_refused(
    cells: list[Image.Image], predictor: Predictor
) -> None:
    with pytest.raises(ProfileError, match="letters"):
        make_profile("../elsewhere", cells, predictor.classifier)


def test_is_kept_as_it_was(made: Profile, settings: Settings) -> None:
    save_profile(made, settings)
    kept = load_profile("ward-3", settings)
    assert (kept, kept.hash) == (made, made.hash)
    assert profile_names(settings) == ["ward-3"]


def test_one_that_is_missing_or_damaged_says_so(made: Profile, settings: Settings) -> None:
    with pytest.raises(ProfileError, match="none yet"):
        load_profile("ward-3", settings)
    save_profile(made, settings).write_text("{")
    with pytest.raises(ProfileError, match="damaged"):
        load_profile("ward-3", settings)


def test_predictions_name_the_profile_that_they_were_given_under(
    made: Profile, images: list[CellImage], predictor: Predictor
) -> None:
    plain = predictor.predict(images)[0]
    under = Predictor(predictor.classifier, made).predict(images)[0]
    assert (plain.profile, plain.profile_hash) == (None, None)
    assert (under.profile, under.profile_hash) == ("ward-3", made.hash)
    assert plain.bundle_hash == under.bundle_hash == predictor.classifier.bundle.hash
    other = made.model_copy(update={"nucleus_share": 0.3})
    assert other.hash != made.hash


def test_a_profile_moves_predictions_towards_its_mix(
    made: Profile, images: list[CellImage], classifier: Classifier
) -> None:
    mix = dict.fromkeys(made.class_mix, 1e-9) | {"basophil": 1.0}
    only = made.model_copy(update={"class_mix": mix})
    assert {one.label for one in Predictor(classifier, only).predict(images)} == {"basophil"}


@pytest.fixture
def classifier(predictor: Predictor) -> Classifier:
    return predictor.classifier


def test_a_name_is_for_good(made: Profile, settings: Settings) -> None:
    save_profile(made, settings)
    other = made.model_copy(update={"cells": 99})
    with pytest.raises(ProfileError):
        save_profile(other, settings)
    with pytest.raises(ProfileError):
        check_profile_name("ward-3", settings)
    assert load_profile("ward-3", settings) == made


@pytest.mark.parametrize("name", ["ward 3", "", "../elsewhere", "-ward", "w" * 65, "ward-3\n"])
def test_a_name_that_cannot_be_is_refused_before_the_work(name: str, settings: Settings) -> None:
    with pytest.raises(ProfileError, match="letters"):
        check_profile_name(name, settings)


@pytest.mark.parametrize("name", ["ward-3", "W", "3.a_b-c", "w" * 64])
def test_a_name_that_can_be_is_taken(name: str, settings: Settings, ward: Profile) -> None:
    check_profile_name(name, settings)
    save_profile(ward.model_copy(update={"name": name}), settings)
    assert load_profile(name, settings).name == name


@pytest.mark.parametrize("round_", range(5))
def test_of_threads_that_take_one_name_one_keeps_it(
    made: Profile, settings: Settings, round_: int
) -> None:
    def keep(number: int) -> bool:
        try:
            save_profile(made.model_copy(update={"cells": 60 + number}), settings)
        except ProfileError:
            return False
        return True

    kept = at_once(4, keep)
    assert kept.count(True) == 1
    assert load_profile("ward-3", settings).cells == 60 + kept.index(True)


@pytest.mark.parametrize("round_", range(5))
def test_threads_that_keep_one_profile_leave_one_whole(
    settings: Settings, ward: Profile, round_: int
) -> None:
    at_once(3, lambda _: save_profile(ward, settings))
    assert load_profile("ward-3", settings) == ward
    assert profile_names(settings) == ["ward-3"]


def kept_by(store: Store) -> list[str]:
    return [entry.actor for entry in audit.entries(store, action="laboratory_profile_kept")]


def test_a_profile_is_kept_with_its_entry_or_not_at_all(
    store: Store, settings: Settings, account: Callable[[Role], Account], ward: Profile
) -> None:
    scientist = account(Role.SCIENTIST)
    keep_profile(store, settings, scientist, ward)
    assert kept_by(store) == ["scientist"]
    with pytest.raises(ProfileError):
        keep_profile(store, settings, scientist, ward.model_copy(update={"cells": 61}))
    with pytest.raises(NotAllowedError):
        keep_profile(
            store, settings, account(Role.CLINICIAN), ward.model_copy(update={"name": "ward-4"})
        )
    no_folder = settings.model_copy(update={"state_dir": settings.state_dir / "app.db"})
    with pytest.raises(ProfileError):
        keep_profile(store, no_folder, scientist, ward.model_copy(update={"name": "ward-4"}))
    assert kept_by(store) == ["scientist"]
    assert profile_names(settings) == ["ward-3"]
