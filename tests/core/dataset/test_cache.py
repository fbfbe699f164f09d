"""The pixel cache: the right pixels, never older than their source."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from core import images
from core.dataset import cache as module
from core.dataset.cache import PixelCache, pixel_cache
from core.dataset.catalogue import Catalogue, update_catalogue
from core.errors import DatasetError
from core.vision.preparation import Preparation
from core.work import WorkStopped
from tests.threads import at_once


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def all_of(catalogue: Catalogue, kept: Path, side_px: int = 32) -> PixelCache:
    return pixel_cache(catalogue, Preparation(side_px), kept, catalogue.images["path"])


def test_holds_what_the_decoder_gives(data_root: Path, kept: Path) -> None:
    cache = all_of(update_catalogue(data_root, kept), kept)
    data = (data_root / "basophil/BA_4.jpg").read_bytes()
    expected = images.fit_square(images.decode(data, at_least_px=32), 32)
    assert cache.shape == (30, 32, 32, 3)
    assert np.array_equal(cache[cache.rows(["basophil/BA_4.jpg"])], expected[None])


def test_is_built_once(data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = update_catalogue(data_root, kept)
    rows = np.arange(len(catalogue.images))
    first = all_of(catalogue, kept)[rows]
    monkeypatch.setattr(module, "_prepared", lambda *_: pytest.fail("built twice"))
    assert np.array_equal(all_of(catalogue, kept)[rows], first)


def test_only_what_is_asked_for_is_made_ready(data_root: Path, kept: Path) -> None:
    catalogue = update_catalogue(data_root, kept)
    asked = list(catalogue.images["path"][::7])
    told: list[tuple[int, int]] = []
    cache = pixel_cache(catalogue, Preparation(32), kept, asked, lambda *done: told.append(done))
    assert told == [(len(asked), len(asked))]
    assert set(cache.lacking(np.arange(len(cache)))) == set(range(len(cache))) - set(
        cache.rows(asked)
    )
    with pytest.raises(KeyError):
        cache[np.array([1])]
    more = all_of(catalogue, kept)
    assert np.array_equal(more[more.rows(asked)], cache[cache.rows(asked)])


def test_what_was_made_ready_before_a_stop_is_kept(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PART", 4)
    catalogue = update_catalogue(data_root, kept)

    def stop(done: int, _: int) -> None:
        if done == 12:
            raise WorkStopped

    with pytest.raises(WorkStopped):
        pixel_cache(catalogue, Preparation(32), kept, catalogue.images["path"], stop)
    told: list[tuple[int, int]] = []
    paths = catalogue.images["path"]
    pixel_cache(catalogue, Preparation(32), kept, paths, lambda *done: told.append(done))
    assert told == [(done, 30) for done in (16, 20, 24, 28, 30)]


def test_two_that_make_the_same_ready_at_once_both_read_it(data_root: Path, kept: Path) -> None:
    catalogue = update_catalogue(data_root, kept)
    caches = at_once(4, lambda _: all_of(catalogue, kept))
    rows = np.arange(len(catalogue.images))
    assert all(np.array_equal(cache[rows], caches[0][rows]) for cache in caches)


def test_goes_with_its_source(data_root: Path, kept: Path) -> None:
    all_of(update_catalogue(data_root, kept), kept)
    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "basophil/BA_0.jpg")
    catalogue = update_catalogue(data_root, kept)
    cache = all_of(catalogue, kept)
    assert np.array_equal(*cache[cache.rows(["basophil/BA_0.jpg", "basophil/BA_1.jpg"])])
    [kept_folder] = kept.glob("pixels-*")
    assert catalogue.fingerprint in kept_folder.name


def test_two_sides_and_two_data_sets_live_beside_each_other(data_root: Path, kept: Path) -> None:
    other = shutil.copytree(data_root / "basophil", data_root.parent / "other" / "basophil").parent
    for root, side in ((data_root, 16), (data_root, 24), (other, 16)):
        all_of(update_catalogue(root, kept), kept, side)
    assert len(list(kept.glob("pixels-*"))) == 3


def test_a_file_that_changed_meanwhile_is_refused(data_root: Path, kept: Path) -> None:
    catalogue = update_catalogue(data_root, kept)
    shutil.copy(data_root / "basophil/BA_1.jpg", data_root / "basophil/BA_0.jpg")
    with pytest.raises(DatasetError, match="changed since the catalogue"):
        all_of(catalogue, kept)
    assert not list(kept.glob("pixels-*/*"))


def test_a_full_disk_is_said_before_anything_is_written(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = update_catalogue(data_root, kept)
    usage = shutil.disk_usage(kept)._replace(free=10)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DatasetError, match="Make room"):
        all_of(catalogue, kept)


def test_an_unknown_sample_is_an_error(data_root: Path, kept: Path) -> None:
    with pytest.raises(KeyError):
        pixel_cache(update_catalogue(data_root, kept), Preparation(16), kept, ["nowhere.jpg"])


def test_pixels_made_by_other_code_are_made_anew(
    data_root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = update_catalogue(data_root, kept)
    all_of(catalogue, kept)
    monkeypatch.setattr("core.fingerprint.of_code", lambda *_: "other code")
    told: list[int] = []
    paths = catalogue.images["path"]
    pixel_cache(catalogue, Preparation(32), kept, paths, lambda done, _: told.append(done))
    assert told == [len(paths)]


def test_another_process_gets_the_files_not_their_content(data_root: Path, kept: Path) -> None:
    cache = all_of(update_catalogue(data_root, kept), kept)
    sent = pickle.dumps(cache)
    rows = np.arange(len(cache))
    assert len(sent) < cache[rows].nbytes / 10
    assert np.array_equal(pickle.loads(sent)[rows], cache[rows])
