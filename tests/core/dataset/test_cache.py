"""The pixel cache: the right pixels, never older than their source."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core import images
from core.dataset import cache as module
from core.dataset.cache import pixel_cache
from core.dataset.catalogue import update_catalogue
from core.errors import DatasetError
from core.vision.preparation import Preparation


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_holds_what_the_decoder_gives(data_root: Path, kept: Path) -> None:
    cache = pixel_cache(update_catalogue(data_root, kept), Preparation(32), kept)
    (row,) = cache.rows(["basophil/BA_4.jpg"])
    data = (data_root / "basophil/BA_4.jpg").read_bytes()
    expected = images.fit_square(images.decode(data, at_least_px=32), 32)
    assert cache.images.shape == (30, 32, 32, 3)
    assert np.array_equal(cache.images[row], expected)


def test_is_built_once(data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = update_catalogue(data_root, kept)
    first = pixel_cache(catalogue, Preparation(32), kept)
    monkeypatch.setattr(module, "_fill", lambda *_: pytest.fail("built twice"))
    assert np.array_equal(pixel_cache(catalogue, Preparation(32), kept).images, first.images)


def test_goes_with_its_source(data_root: Path, kept: Path) -> None:
    pixel_cache(update_catalogue(data_root, kept), Preparation(32), kept)
    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "basophil/BA_0.jpg")
    catalogue = update_catalogue(data_root, kept)
    cache = pixel_cache(catalogue, Preparation(32), kept)
    assert np.array_equal(*cache.images[cache.rows(["basophil/BA_0.jpg", "basophil/BA_1.jpg"])])
    [kept_file] = kept.glob("pixels-*")
    assert catalogue.fingerprint in kept_file.name


def test_two_sides_and_two_data_sets_live_beside_each_other(data_root: Path, kept: Path) -> None:
    other = shutil.copytree(data_root / "basophil", data_root.parent / "other" / "basophil").parent
    for root, side in ((data_root, 16), (data_root, 24), (other, 16)):
        pixel_cache(update_catalogue(root, kept), Preparation(side), kept)
    assert len(list(kept.glob("pixels-*"))) == 3


def test_a_file_that_changed_meanwhile_is_refused(data_root: Path, kept: Path) -> None:
    catalogue = update_catalogue(data_root, kept)
    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "basophil/BA_0.jpg")
    with pytest.raises(DatasetError, match="changed since the catalogue"):
        pixel_cache(catalogue, Preparation(32), kept)
    assert not list(kept.glob("pixels-*"))


def test_a_full_disk_is_said_before_anything_is_written(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = update_catalogue(data_root, kept)
    usage = shutil.disk_usage(kept)._replace(free=10)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DatasetError, match="Make room"):
        pixel_cache(catalogue, Preparation(32), kept)


def test_an_unknown_sample_is_an_error(data_root: Path, kept: Path) -> None:
    with pytest.raises(KeyError):
        pixel_cache(update_catalogue(data_root, kept), Preparation(16), kept).rows(["nowhere.jpg"])


def test_pixels_made_by_other_code_are_made_anew(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = update_catalogue(data_root, kept)
    before = pixel_cache(catalogue, Preparation(32), kept).images.filename
    monkeypatch.setattr("core.fingerprint.of_code", lambda *_: "other code")
    assert pixel_cache(catalogue, Preparation(32), kept).images.filename != before
