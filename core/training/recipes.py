"""How the bundle that ships was made, so that one command makes it again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.errors import DatasetMissingError, InvalidConfigError
from core.training.config import FurtherData, TrainConfig
from core.vision.augmentation import Augmentation
from core.vision.framing import View

_BCCD = FurtherData(
    "external/bccd_cells",
    4,
    "BCCD: white cells of another laboratory",
    "MIT",
    "Shenggan 2017, BCCD Dataset, https://github.com/Shenggan/BCCD_Dataset",
)
_CHULA = FurtherData(
    "external/chula",
    3,
    "Chula: white cells of Chulalongkorn University, Bangkok",
    "MIT",
    "Naruenatthanaset et al. 2021, arXiv:2012.01321",
)
_LMU = FurtherData(
    "abnormal/aml_lmu",
    6,
    "AML-Cytomorphology LMU, a sample: normal and leukaemic cells",
    "CC BY 4.0",
    "Matek et al. 2019, The Cancer Imaging Archive, doi:10.7937/tcia.2019.36f5o9ld",
)
_HOME = Path("pbc/bloodcells_dataset")
_SMEARS = Path("fields/chula_rbc")  # red cells alone
ACROSS_LABORATORIES = Augmentation(
    zoom=0.4,
    shift=0.05,
    brightness=0.1,
    contrast=0.15,
    stain=0.2,
    blur=1.5,
    density=0.35,
    cut=0.3,
    coarse=0.7,
    noise=0.03,
)


def shipped(data: Path) -> TrainConfig:
    """The run that the shipped bundle comes from.

    Args:
        data: the folder that holds ``pbc``, ``external``, ``abnormal`` and ``fields``.

    Raises:
        DatasetMissingError: one of them is missing; names it.
    """
    further = (_BCCD, _CHULA, _LMU)
    for part in (_HOME, _SMEARS, *(Path(one.folder) for one in further)):
        if not (data / part).is_dir():
            raise DatasetMissingError(
                f"The recipe needs {data / part}. Put it there, or name another --data."
            )
    return TrainConfig(
        data_dir=str((data / _HOME).resolve()),
        further=tuple(replace(one, folder=str((data / one.folder).resolve())) for one in further),
        no_cell=1600,
        smears_dir=str((data / _SMEARS).resolve()),
        view=View(),
        architecture="efficientnet_lite0",
        start="pbc-efficientnet-lite0",
        frozen_statistics=True,
        side_px=112,
        epochs=7,
        learning_rate=1e-3,
        label_smoothing=0.08,
        weight_average=0.998,
        early_stopping_patience=0,
        augmentation=ACROSS_LABORATORIES,
    )


RECIPES = {"shipped": shipped}


def find_recipe(name: str) -> Callable[[Path], TrainConfig]:
    """The recipe of that name.

    Raises:
        InvalidConfigError: there is none; lists those there are.
    """
    if name not in RECIPES:
        raise InvalidConfigError(f"No recipe {name!r}. There are: {', '.join(RECIPES)}.")
    return RECIPES[name]
