"""A bundle and images to evaluate it on, for every test of a page that wants them."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.settings import Settings
from core.settings import settings as current_settings
from core.taxonomy import KEYS
from core.vision.bundle import Bundle
from tests.factories import make_bundle

SIDE_PX = 64


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty noisy squares a class; not two look alike, so that a split can deal them out."""
    root, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for key in KEYS:
        (root / key).mkdir()
        for number in range(20):
            noise = rng.integers(0, 255, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
            Image.fromarray(noise).save(root / key / f"{key}_{number}.png")
    return root


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle to copy: exporting one takes seconds."""
    return make_bundle(tmp_path_factory.mktemp("bundles"))


@pytest.fixture
def bundle(state: Path, untrained: Bundle) -> Bundle:
    """The bundle of this test, "tiny"."""
    folder = state / "models" / "tiny"
    shutil.copytree(untrained.folder, folder)
    return replace(untrained, folder=folder)


@pytest.fixture
def state(
    settings: Settings, images: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A state folder with images to evaluate on, but no bundle."""
    monkeypatch.setenv("BLOODCELLS_DATA_DIR", str(images))
    monkeypatch.setenv("BLOODCELLS_MODELS_DIR", str(tmp_path / "models"))
    current_settings.cache_clear()
    return settings.state_dir
