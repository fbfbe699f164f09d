"""A folder of class folders, as a table of labelled images.

labelled_folder(Path("bloodcells_dataset"))
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from core.errors import DatasetError, DatasetMissingError
from core.taxonomy import KEYS, cell_class, is_known, subtype_name

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"})


def labelled_folder(root: Path) -> pd.DataFrame:
    """Every image under the class folders of ``root``: path (relative), label, subtype.

    A subset of the classes will do, and aliases of a class are taken for it.

    Raises:
        DatasetMissingError: no such folder, or no image in it.
        DatasetError: a folder of images is named after no class; lists the classes.
    """
    if not root.is_dir():
        raise DatasetMissingError(f"There is no folder {root}. Give a folder of class folders.")
    folders = [f for f in sorted(root.iterdir()) if f.is_dir() and not f.name.startswith(".")]
    unknown = [f.name for f in folders if not is_known(f.name) and any(_images(f))]
    if unknown:
        known = ", ".join(KEYS)
        raise DatasetError(f"These folders are no classes: {', '.join(unknown)}. Known: {known}.")
    rows = [
        (path.relative_to(root).as_posix(), key, subtype_name(key, path.name))
        for folder in folders
        if is_known(folder.name)
        for key in [cell_class(folder.name).key]
        for path in _images(folder)
    ]
    if not rows:
        known = ", ".join(KEYS)
        raise DatasetMissingError(f"No images in {root}. Expected class folders: {known}.")
    return pd.DataFrame(rows, columns=["path", "label", "subtype"])


def _images(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file())
