"""Cells whose attributes people have told, to learn from and to check with."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.dataset.attributes import attributes_of, read_attributes
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.folders import read_cell_file
from core.dataset.provenance import origin_of_attributes
from core.dataset.splits import split
from core.errors import TrainingError
from core.morphology import ATTRIBUTES
from core.parallel import map_all
from core.settings import Settings
from core.training.attributes.heads import preparation_for_heads
from core.vision.bundle import Bundle

FEWEST = 50  # cells with attributes, to learn from and to check with


@dataclass(frozen=True)
class AttributeData:
    """Where attributes come from.

    Attributes:
        root: the folder of class folders that their images are in.
        file: a CSV as WBCAtt's.
        source, licence, citation: for the card; looked for in the file where no source is given.
    """

    root: Path
    file: Path
    source: str = ""
    licence: str = "not stated"
    citation: str = "not stated"


@dataclass(frozen=True, eq=False)
class DescribedCells:
    """Images with their attributes as (N, 11) indices, and their classes; none of the test split.

    Those held back are of the validation split, which the network itself has not seen either.
    """

    images: np.ndarray
    targets: np.ndarray
    classes: tuple[str, ...]
    held_back: np.ndarray


def with_origin(data: AttributeData) -> AttributeData:
    """The same with its source, licence and citation, where the file is a known one."""
    origin = None if data.source else origin_of_attributes(read_attributes([data.file]).index)
    return replace(data, **vars(origin)) if origin else data


def read_cells(bundle: Bundle, data: AttributeData, settings: Settings) -> DescribedCells:
    """Those of the training and validation split that have attributes, made ready for heads.

    Raises:
        TrainingError: too few of the images have attributes, or they are not the data set that
            the bundle was trained on, so that nobody knows which are for the test.
        DatasetError: the file or the images cannot be used.
    """
    catalogue = update_catalogue(data.root, settings.cache_dir)
    if catalogue.fingerprint != bundle.card.data.fingerprint:
        raise TrainingError(
            f"{data.root} is not the data set that {bundle.name} was trained on, or it has changed "
            "since. Name that one: its test images must not be learnt from."
        )
    found, held_back = dealt(bundle, data, catalogue)
    if min(held_back.sum(), (~held_back).sum()) < FEWEST:
        raise TrainingError(
            f"{data.file.name} has attributes for {len(found)} of the images in {data.root} that "
            f"are not for the test, {held_back.sum()} of them held back. It takes {FEWEST} of "
            "each: name a file of these images."
        )
    prepare = preparation_for_heads(bundle)

    def made_ready(path: str) -> np.ndarray:
        return prepare(read_cell_file(data.root / path, prepare.at_least_px))

    images = np.stack(map_all(made_ready, found.index.tolist()))
    targets = [
        [list(attribute.words).index(value) for value in found[attribute.key]]
        for attribute in ATTRIBUTES
    ]
    classes = tuple(catalogue.images.set_index("path").loc[found.index, "label"])
    return DescribedCells(images, np.array(targets).T, classes, held_back)


def dealt(
    bundle: Bundle, data: AttributeData, catalogue: Catalogue
) -> tuple[pd.DataFrame, np.ndarray]:
    """Attributes by path, without the test split's; which of them are held back."""
    found = attributes_of(read_attributes([data.file]), catalogue.images["path"])
    names = split(catalogue, seed=bundle.card.data.split_seed).loc[found.index]
    found = found[names != "test"]
    return found, (names.loc[found.index] == "validation").to_numpy()
