"""What the loop trains on: the source laboratory's splits, others', images without a cell."""

import multiprocessing
import os
import shutil
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.dataset.synthetic import write_dataset
from core.errors import DatasetError
from core.taxonomy import KEYS
from core.training.config import FurtherData, TrainConfig
from core.training.loop.data import Images, training_data
from core.training.loop.further import laboratory
from core.vision.preparation import Preparation
from core.vision.views import NucleusView


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home, and a laboratory with monocytes, blasts and one band neutrophil."""
    root = tmp_path_factory.mktemp("cells")
    write_dataset(root / "home", per_class=10)
    there = root / "there"
    there.mkdir()
    for source, name in (("monocyte", "monocyte"), ("ig", "myeloblast")):
        shutil.copytree(root / "home" / source, there / name)
    (there / "neutrophil_band").mkdir()
    shutil.copy(next((root / "home" / "neutrophil").glob("*.jpg")), there / "neutrophil_band")
    return root


def config(folders: Path, **changes: object) -> TrainConfig:
    values = {"data_dir": str(folders / "home"), "side_px": 32, **changes}
    return TrainConfig(**values)  # type: ignore[arg-type]


def test_rows_of_several_arrays_are_read_as_of_one() -> None:
    parts = [np.full((n, 2, 2, 3), n, np.uint8) for n in (3, 0, 2)]
    images = Images(*parts)
    assert len(images) == 5
    assert images[np.array([4, 0, 3, 2])][:, 0, 0, 0].tolist() == [2, 3, 2, 3]


def test_another_laboratory_is_all_for_training(folders: Path, tmp_path: Path) -> None:
    further = FurtherData(str(folders / "there"), repeat=3)
    _, alone = training_data(config(folders), tmp_path)
    _, data = training_data(config(folders, further=(further,), no_cell=7), tmp_path)
    assert data.classes == KEYS
    assert data.outside == ("blast", "no_cell")
    assert [len(rows) for rows in data.further_rows] == [21]
    assert len(data.images) == len(alone.images) + 21 + 7
    assert np.array_equal(data.validation, alone.validation)
    added = data.targets[data.train[len(alone.train) :]]
    names = (*data.classes, *data.outside)
    counts = {names[target]: int((added == target).sum()) for target in set(added.tolist())}
    assert counts == {"monocyte": 30, "blast": 30, "neutrophil": 3, "no_cell": 7}


def test_files_left_out_are_not_learnt_from(folders: Path, tmp_path: Path) -> None:
    there = folders / "there"
    one = next((there / "monocyte").iterdir()).name
    further = FurtherData(str(there), left_out=(one,))
    _, data = training_data(config(folders, further=(further,)), tmp_path)
    assert f"there/monocyte/{one}" not in data.names
    assert sum(name.startswith("there/monocyte/") for name in data.names) == 9


def test_smears_are_found_by_the_one_rule(folders: Path, tmp_path: Path) -> None:
    smears = tmp_path / "smears"
    smears.mkdir()
    source = next((folders / "home" / "monocyte").glob("*.jpg"))
    shutil.copy(source, smears / "1.jfif")
    for litter in ("._1.jpg", "notes.txt", ".ipynb_checkpoints/1-checkpoint.jpg"):
        (smears / litter).parent.mkdir(exist_ok=True)
        (smears / litter).write_bytes(b"no image")
    asked = config(folders, no_cell=24, smears=FurtherData(str(smears)))
    _, data = training_data(asked, tmp_path / "cache")
    assert sum(name == "" for name in data.names) == 24


def test_a_framed_image_keeps_a_margin_for_training(folders: Path, tmp_path: Path) -> None:
    _, data = training_data(config(folders, view=NucleusView()), tmp_path)
    assert data.images[np.array([0])].shape == (1, 48, 48, 3)


def test_a_folder_of_unknown_cells_is_named(folders: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    shutil.copytree(folders / "home" / "ig", wrong / "unicorn")
    with pytest.raises(DatasetError, match="unicorn"):
        training_data(config(folders, further=(FurtherData(str(wrong)),)), tmp_path)


def test_a_trial_makes_ready_only_the_images_that_it_uses(tmp_path: Path) -> None:
    write_dataset(tmp_path / "home", per_class=14)
    told: list[tuple[str, int, int]] = []
    trial = config(tmp_path, limit=96)
    catalogue, data = training_data(trial, tmp_path / "cache", lambda *done: told.append(done))
    what, done, total = told[-1]
    assert (what, done) == ("prepared", total)
    assert total < len(catalogue.images)
    used = np.concatenate([data.train, data.validation])
    assert data.images[used].shape == (len(used), 32, 32, 3)


def test_the_smallest_trial_has_every_class_to_train_and_to_validate(tmp_path: Path) -> None:
    write_dataset(tmp_path / "home", per_class=14)
    _, data = training_data(config(tmp_path, limit=16), tmp_path / "cache")
    every = set(range(len(KEYS)))
    assert set(data.targets[data.train]) == set(data.targets[data.validation]) == every
    assert len(data.train) + len(data.validation) < 32


def test_a_class_of_which_nothing_can_be_held_back_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_dataset(home, per_class=10)
    one, *others = sorted((home / "monocyte").iterdir())
    for other in others:
        shutil.copy(one, other)
    with pytest.raises(DatasetError, match="monocyte"):
        training_data(config(tmp_path), tmp_path / "cache")


def _held(folder: Path) -> tuple[int, int]:
    """The most memory that reading a laboratory took, and what its images take; in bytes."""
    os.cpu_count = lambda: 1  # what each thread works on is not counted
    there = FurtherData(str(folder))
    laboratory(there, Preparation(200))  # what is imported on the way is not counted
    tracemalloc.start()
    block = laboratory(there, Preparation(200))
    return tracemalloc.get_traced_memory()[1], block.images.nbytes


def test_another_laboratory_is_held_in_memory_once(folders: Path) -> None:
    # In a process of its own: threads of other tests take memory, too.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        peak, images = alone.submit(_held, folders / "there").result()
    assert peak < 1.6 * images


def test_balanced_no_laboratory_and_no_class_drowns_the_others(
    folders: Path, tmp_path: Path
) -> None:
    further = FurtherData(str(folders / "there"))
    _, alone = training_data(config(folders), tmp_path)
    _, data = training_data(config(folders, further=(further,), balanced=True), tmp_path)
    weights = data.weights
    assert alone.weights is None
    assert weights is not None
    assert weights.shape == data.train.shape
    home = np.arange(len(data.train)) < len(alone.train)
    assert weights[home].sum() == pytest.approx(weights[~home].sum()) == pytest.approx(0.5)
    there, weights = data.targets[data.train[~home]], weights[~home]
    common, rare = (
        weights[there == data.classes.index(key)].sum() for key in ("monocyte", "neutrophil")
    )
    assert common / rare == pytest.approx(10**0.5)  # ten of one, one of the other
