"""A folder of class folders, as a table of labelled images, and the images in it.

for path in labelled_folder(root)["path"]:
    image = read_cell_file(root / path)
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from PIL import Image

from core.errors import DatasetError, DatasetMissingError, ImageRefusedError
from core.images import SUFFIXES, decode_cell
from core.taxonomy import KEYS, cell_class, is_known, outside_kind, subtype_name


def labelled_folder(root: Path, *, outside: bool = False) -> pd.DataFrame:
    """Every image under the class folders of ``root``: path (relative), label, subtype.

    A subset of the classes will do, and aliases of a class are taken for it.

    Args:
        outside: folders of kinds outside the classes count, too; ``label`` is then their key.

    Raises:
        DatasetMissingError: no such folder, or no image in it.
        DatasetError: a folder of images is named after no class; lists the classes.
    """
    if not root.is_dir():
        raise DatasetMissingError(f"There is no folder {root}. Give a folder of class folders.")
    folders = [f for f in sorted(root.iterdir()) if f.is_dir() and not f.name.startswith(".")]
    keys = {folder: _key(folder.name, outside) for folder in folders}
    unknown = [folder.name for folder, key in keys.items() if key is None and any(_images(folder))]
    if unknown:
        known = ", ".join(KEYS)
        raise DatasetError(f"These folders are no classes: {', '.join(unknown)}. Known: {known}.")
    rows = [
        (path.relative_to(root).as_posix(), key, _subtype(key, path.name))
        for folder, key in keys.items()
        if key is not None
        for path in _images(folder)
    ]
    if not rows:
        known = ", ".join(KEYS)
        raise DatasetMissingError(f"No images in {root}. Expected class folders: {known}.")
    return pd.DataFrame(rows, columns=["path", "label", "subtype"])


def read_cell_file(path: Path, at_least_px: int | None = None) -> Image.Image:
    """The image of one cell in a file, as ``core.images.decode_cell`` gives it.

    Raises:
        DatasetError: it is gone or no image; names the file.
    """
    try:
        return decode_cell(path.read_bytes(), at_least_px=at_least_px)
    except (OSError, ImageRefusedError) as error:
        raise DatasetError(f"{path} cannot be read: {error} Mend it or take it away.") from error


def _key(name: str, outside: bool) -> str | None:
    if is_known(name):
        return cell_class(name).key
    kind = outside_kind(name) if outside else None
    return kind.key if kind else None


def _subtype(key: str, file_name: str) -> str | None:
    return subtype_name(key, file_name) if is_known(key) else None


def _images(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file())
