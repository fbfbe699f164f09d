"""How the bundles that ship were made, so that one command makes each again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.errors import DatasetMissingError, InvalidConfigError
from core.training.config import FurtherData, TrainConfig
from core.training.laboratories import BCCD, BCCD_LOOKED_THROUGH, CHULA, HOME, KRD, LMU, SMEARS
from core.vision.augmentation import Augmentation
from core.vision.views import CellView, NucleusView

CELLS = CellView("cells-1")
ACROSS_LABORATORIES = Augmentation(
    zoom=0.4,
    shift=0.05,
    brightness=0.1,
    contrast=0.15,
    stain=0.3,
    blur=1.5,
    density=0.35,
    cut=0.3,
    coarse=0.7,
    noise=0.03,
    fringe=0.06,
    defocus=0.8,
    exposure=0.5,
    surroundings=0.5,
)
UNLIKE_EACH_OTHER = Augmentation(
    zoom=0.35,
    shift=0.06,
    brightness=0.15,
    contrast=0.2,
    stain=0.35,
    blur=1.5,
    density=0.4,
    cut=0.25,
    coarse=0.7,
    noise=0.03,
    fringe=0.05,
    defocus=0.7,
    exposure=0.4,
    surroundings=0.35,
    exchange=0.7,
    zones=0.35,
    grey=0.1,
)
# What is learnt under strong changes settles under slight ones: at home and elsewhere alike.
SLIGHT = Augmentation(
    zoom=0.15,
    shift=0.05,
    brightness=0.05,
    contrast=0.05,
    stain=0.08,
    blur=0.5,
    density=0.1,
    cut=0.3,
    coarse=0.2,
    noise=0.02,
    fringe=0.02,
    defocus=0.3,
    exposure=0.1,
    surroundings=0.2,
)


def across_laboratories(config: TrainConfig) -> TrainConfig:
    """The same run for predictions elsewhere, too: cells framed alike, and stained in many ways."""
    return replace(
        config,
        view=CELLS,
        # ImageNet's statistics are not those of cells; a start bundle's carry over better than any.
        frozen_statistics=bool(config.start),
        mixed_features=0.5,
        augmentation=replace(UNLIKE_EACH_OTHER, plain=0.2),
    )


def around_nuclei(data: Path) -> tuple[TrainConfig, ...]:
    """The runs that ``labs-efficientnet-lite0`` comes from, each from the bundle of the one before.

    First one laboratory's cells as they are; then, shortly and changed strongly, framed cells of
    several laboratories, with what is outside the classes; last all of them, sharper and changed
    slightly.

    Args:
        data: the folder that holds ``pbc``, ``external``, ``abnormal`` and ``fields``.

    Raises:
        DatasetMissingError: one of them is missing; names it.
    """
    there = _folders(data, (BCCD, CHULA, LMU, SMEARS))
    one_laboratory = TrainConfig(
        data_dir=str((data / HOME).resolve()),
        architecture="efficientnet_lite0",
        side_px=128,
        epochs=10,
        weight_average=0.99,
        early_stopping_patience=0,
        augmentation=Augmentation(blur=1.0),
    )
    several = replace(
        one_laboratory,
        view=NucleusView(),
        frozen_statistics=True,
        augmentation=ACROSS_LABORATORIES,
        further=(there[BCCD], there[CHULA], there[LMU]),
        no_cell=700,
        smears=there[SMEARS],
        side_px=96,
        epochs=2,
        label_smoothing=0.08,
    )
    settled = replace(
        several,
        no_cell=1000,
        side_px=128,
        epochs=4,
        learning_rate=7e-4,
        label_smoothing=0.05,
        augmentation=SLIGHT,
    )
    return one_laboratory, several, settled


def around_cells(data: Path) -> tuple[TrainConfig, ...]:
    """The runs that ``located-efficientnet-lite0`` comes from: whole cells, laboratories alike.

    The first is coarse and quick. The second sees more, some of it as it is, and keeps the
    statistics of the first: statistics that follow each batch to the end cost other laboratories
    six points.

    Args:
        data: as for ``around_nuclei``.

    Raises:
        DatasetMissingError: a part of it is missing; names it.
    """
    there = _folders(data, (BCCD_LOOKED_THROUGH, CHULA, KRD, LMU, SMEARS))
    further = (there[BCCD_LOOKED_THROUGH], there[CHULA], there[KRD], there[LMU])
    coarse = TrainConfig(
        data_dir=str((data / HOME).resolve()),
        further=tuple(replace(one, repeat=1) for one in further),
        no_cell=700,
        smears=there[SMEARS],
        view=CELLS,
        architecture="efficientnet_lite0",
        side_px=96,
        balanced=True,
        mixed_features=0.5,
        epochs=10,
        label_smoothing=0.08,
        weight_average=0.99,
        early_stopping_patience=0,
        augmentation=UNLIKE_EACH_OTHER,
    )
    fine = replace(
        coarse,
        side_px=128,
        frozen_statistics=True,
        learning_rate=7e-4,
        augmentation=replace(UNLIKE_EACH_OTHER, plain=0.2),
    )
    return coarse, fine


def _folders(data: Path, wanted: tuple[FurtherData, ...]) -> dict[FurtherData, FurtherData]:
    """Each with its folder in ``data``."""
    for part in (HOME, *(Path(one.folder) for one in wanted)):
        if not (data / part).is_dir():
            raise DatasetMissingError(
                f"The recipe needs {data / part}. Put it there, or name another --data."
            )
    return {one: replace(one, folder=str((data / one.folder).resolve())) for one in wanted}


RECIPES = {"nuclei": around_nuclei, "cells": around_cells}


def find_recipe(name: str) -> Callable[[Path], tuple[TrainConfig, ...]]:
    """The recipe of that name.

    Raises:
        InvalidConfigError: there is none; lists those there are.
    """
    if name not in RECIPES:
        raise InvalidConfigError(f"No recipe {name!r}. There are: {', '.join(RECIPES)}.")
    return RECIPES[name]
