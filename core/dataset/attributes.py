"""Morphological attributes that people gave to cells, as in the WBCAtt files.

attributes = read_attributes([Path("wbcatt/train.csv")])
own = attributes_of(attributes, catalogue.images["path"])
"""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from core.errors import DatasetError, DatasetMissingError
from core.morphology import ATTRIBUTE_KEYS, attribute

NAME = "img_name"


def read_attributes(files: Sequence[Path]) -> pd.DataFrame:
    """One row an image: a column an attribute, the index is the image's file name.

    Raises:
        DatasetMissingError: a file is not there.
        DatasetError: a file lacks a column or holds a value that no attribute has.
    """
    table = pd.concat([_read(file) for file in files])
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise DatasetError(f"{twice[0]} has attributes twice. Leave one of its rows out.")
    return table


def attributes_of(attributes: pd.DataFrame, paths: Iterable[str]) -> pd.DataFrame:
    """The attributes of those of these images that have some; the index is their path."""
    name_of = {path: PurePosixPath(path).name for path in paths}
    known = {path: name for path, name in name_of.items() if name in attributes.index}
    found = attributes.loc[list(known.values())]
    return found.set_axis(pd.Index(list(known), name="path", dtype=object))


def _read(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise DatasetMissingError(f"There is no file {file}.") from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"{file} cannot be read as CSV: {error}") from error
    missing = {NAME, *ATTRIBUTE_KEYS} - set(table.columns)
    if missing:
        raise DatasetError(f"{file.name} lacks the columns {', '.join(sorted(missing))}.")
    for key in ATTRIBUTE_KEYS:
        unknown = sorted(set(table[key]) - set(attribute(key).words))
        if unknown:
            known = ", ".join(attribute(key).words)
            raise DatasetError(f"{file.name}: {key} is {unknown[0]!r}, but can only be {known}.")
    return table.set_index(NAME)[list(ATTRIBUTE_KEYS)]
