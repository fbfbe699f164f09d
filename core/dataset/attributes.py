"""Morphological attributes that people gave to cells, as in the WBCAtt files.

attributes = read_attributes(find_attributes(catalogue.root))
own = attributes_of(attributes, catalogue.images["path"])
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from core.errors import DatasetError, DatasetMissingError
from core.morphology import ATTRIBUTE_KEYS, attribute

NAME = "img_name"
FOLDER = "wbcatt"
_SEPARATORS = (",", ";", "\t")
_AS_SPREADSHEETS_WRITE = {"true": "yes", "false": "no"}
_NAMES_SEPARATOR = re.compile("sep=.")  # Excel's own first line
_AS_FORMULA = re.compile(r'="(.*)"')  # so that a spreadsheet takes a number for a text
_COLUMNS = {NAME, *ATTRIBUTE_KEYS}


def find_attributes(root: Path) -> list[Path]:
    """The attribute files that belong to a data set; files of something else are left alone.

    They lie in its folder, or in a folder ``wbcatt`` in it, beside it or beside its parent.
    """
    root = root.resolve()
    places = [root, *(place / FOLDER for place in (root, root.parent, root.parent.parent))]
    files = [file for place in places for file in sorted(place.glob("*.csv"))]
    return [file for file in dict.fromkeys(files) if _has_attributes(file)]


def _has_attributes(file: Path) -> bool:
    try:
        return set(_rows(file, "replace")[0]) >= _COLUMNS
    except (OSError, ValueError, csv.Error):
        return False


def read_attributes(files: Sequence[Path]) -> pd.DataFrame:
    """One row an image: a column an attribute, the index is the image's file name.

    Rows that say the same of an image count once.

    Raises:
        DatasetMissingError: a file is not there.
        DatasetError: a file lacks a column or holds a value that no attribute has, or two rows
            contradict each other.
    """
    table = pd.concat([_read(file) for file in files]).reset_index().drop_duplicates()
    twice = table.loc[table[NAME].duplicated(), NAME]
    if len(twice):
        raise DatasetError(
            f"{twice.iloc[0]} has attributes twice, and they differ. Leave one of its rows out."
        )
    return table.set_index(NAME)


def attributes_of(attributes: pd.DataFrame, paths: Iterable[str]) -> pd.DataFrame:
    """The attributes of those of these images that have some; the index is their path.

    Raises:
        DatasetError: two images have the same file name, which a row is for.
    """
    name_of = {path: PurePosixPath(path).name for path in paths}
    known = {path: name for path, name in name_of.items() if name in attributes.index}
    images = Counter(known.values())
    if twice := next((name for name, count in images.items() if count > 1), None):
        alike = " and ".join(path for path, name in known.items() if name == twice)
        raise DatasetError(
            f"Attributes stand by file name, and {alike} share theirs, so that nobody can tell "
            "which one they are of. Rename them."
        )
    found = attributes.loc[list(known.values())]
    return found.set_axis(pd.Index(list(known), name="path", dtype=object))


def _rows(file: Path, errors: str = "strict") -> list[list[str]]:
    """Of a CSV as programs and spreadsheets save it: comma, semicolon or tab; UTF-8 or UTF-16.

    Args:
        errors: what becomes of bytes of another encoding, as ``bytes.decode`` takes it.

    Returns:
        The names of the columns, then the values of each row that has some.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file.
        csv.Error: the same.
    """
    data = file.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    lines = data.decode(encoding, errors).splitlines()
    if lines and _NAMES_SEPARATOR.fullmatch(lines[0]):
        del lines[0]
    separator = max(_SEPARATORS, key=lines[0].count) if lines else ","
    rows = [[value.strip() for value in row] for row in csv.reader(lines, delimiter=separator)]
    if not any(map(any, rows)):
        raise ValueError("it is empty")
    head, *others = filter(any, rows)
    return [[name.lower() for name in head], *others]


def _table(file: Path) -> pd.DataFrame:
    names, *rows = _rows(file)
    if any(any(row[len(names) :]) for row in rows):
        raise ValueError("a row has more values than there are columns; names may need quotes")
    plain = [[_AS_FORMULA.sub(r"\1", value) for value in row] for row in rows]
    held = [dict(zip(names, row, strict=False)) for row in plain]
    return pd.DataFrame(held, columns=list(dict.fromkeys(names)), dtype=str).fillna("")


def _as_known(values: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Values as they are known, however a spreadsheet writes them: "No" or "FALSE" for "no"."""
    small = values.str.lower().replace(_AS_SPREADSHEETS_WRITE)
    return values.where(values.isin(words), small)


def _read(file: Path) -> pd.DataFrame:
    try:
        table = _table(file)
    except FileNotFoundError as error:
        raise DatasetMissingError(f"There is no file {file}.") from error
    except UnicodeError as error:
        raise DatasetError(
            f'{file} is not in UTF-8. Save it as "CSV UTF-8", or as Unicode text.'
        ) from error
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(f"{file} cannot be read as CSV: {error}.") from error
    missing = _COLUMNS - set(table.columns)
    if missing:
        raise DatasetError(f"{file.name} lacks the columns {', '.join(sorted(missing))}.")
    for key in ATTRIBUTE_KEYS:
        table[key] = _as_known(table[key], attribute(key).words)
        unknown = sorted(set(table[key]) - set(attribute(key).words))
        if unknown:
            known = ", ".join(attribute(key).words)
            raise DatasetError(f"{file.name}: {key} is {unknown[0]!r}, but can only be {known}.")
    return table.set_index(NAME)[list(ATTRIBUTE_KEYS)]
