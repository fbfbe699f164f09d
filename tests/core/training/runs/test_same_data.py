"""A run goes on with the images and the split that it began with, or not at all."""

from pathlib import Path

import pytest

from core.dataset.catalogue import Catalogue
from core.dataset.splits import split
from core.errors import RunError
from core.training.runs.same_data import CHECKPOINT_FILE, require_same_data
from tests.core.dataset.test_splits import made_up


def begin(run_dir: Path, catalogue: Catalogue, seed: int = 0) -> None:
    require_same_data(run_dir, catalogue, split(catalogue, seed=seed))


def test_one_image_more_is_refused_once_there_is_an_epoch(tmp_path: Path) -> None:
    begin(tmp_path, made_up(20))
    begin(tmp_path, made_up(21))  # nothing is trained yet
    (tmp_path / CHECKPOINT_FILE).touch()
    begin(tmp_path, made_up(21))
    with pytest.raises(RunError):
        begin(tmp_path, made_up(22))


def test_the_same_images_split_otherwise_are_refused(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT_FILE).touch()
    begin(tmp_path, made_up(20))
    with pytest.raises(RunError):
        begin(tmp_path, made_up(20), seed=1)


def test_a_run_of_before_this_was_noted_goes_on(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT_FILE).touch()
    begin(tmp_path, made_up(20))
    with pytest.raises(RunError):  # from here on with these alone
        begin(tmp_path, made_up(21))
