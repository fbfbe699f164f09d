"""Recipes: whole configurations, and clear words where their data are missing."""

from pathlib import Path

import pytest

from core.errors import DatasetMissingError, InvalidConfigError
from core.training.config import TrainConfig
from core.training.recipes import RECIPES, find_recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_a_configuration_that_can_be_kept(name: str, tmp_path: Path) -> None:
    folders = ("pbc/bloodcells_dataset", "external/bccd_cells", "external/chula")
    for folder in (*folders, "external/krd", "abnormal/aml_lmu", "fields/chula_rbc"):
        (tmp_path / folder).mkdir(parents=True)
    stages = find_recipe(name)(tmp_path)
    assert [TrainConfig.from_json(stage.to_json()) for stage in stages] == list(stages)
    further = {Path(one.folder).relative_to(tmp_path).as_posix(): one for one in stages[-1].further}
    assert set(further) >= {"external/bccd_cells", "external/chula", "abnormal/aml_lmu"}
    measured_only = {"external/raabin", "external/jiangxi", "external/cellavision"}
    assert not measured_only & set(further)
    assert all(one.citation for one in further.values())


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="bloodcells_dataset"):
        find_recipe("nuclei")(tmp_path)


def test_an_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidConfigError, match="nuclei"):
        find_recipe("unheard of")
