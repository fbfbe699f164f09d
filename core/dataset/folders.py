"""A folder of class folders, as a table of labelled images, and the images in it.

table = labelled_folder(root)
images, unreadable = read_cell_files(root, table["path"])
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from PIL import Image

from core.dataset.roots import folders_in, require_one_level, unreadable
from core.errors import DatasetError, DatasetMissingError, ImageRefusedError
from core.image_files import image_bytes, image_files, path_in_words
from core.images import decode_cell
from core.parallel import map_all
from core.taxonomy import KEYS, cell_class, is_known, outside_kind, subtype_name


def labelled_folder(root: Path, *, outside: bool = False) -> pd.DataFrame:
    """Every image under the class folders of ``root``: path (relative), label, subtype.

    A subset of the classes will do, and aliases of a class are taken for it.

    Args:
        outside: folders of kinds outside the classes count, too; ``label`` is then their key.

    Raises:
        DatasetMissingError: no such folder, or no image in it.
        DatasetError: a folder of images is named after no class; lists the classes. Or class
            folders lie in folders such as TRAIN and TEST. Or a folder cannot be read.
    """
    if not root.is_dir():
        raise DatasetMissingError(f"There is no folder {root}. Give a folder of class folders.")
    require_one_level(root)
    try:
        return _table(root, outside)
    except OSError as error:
        raise unreadable(error) from error


def _table(root: Path, outside: bool) -> pd.DataFrame:
    keys = {folder: _key(folder.name, outside) for folder in folders_in(root)}
    unknown = [folder.name for folder, key in keys.items() if key is None and image_files(folder)]
    if unknown:
        known = ", ".join(KEYS)
        raise DatasetError(f"These folders are no classes: {', '.join(unknown)}. Known: {known}.")
    rows = [
        (path_in_words(path.relative_to(root).as_posix()), key, _subtype(key, path.name))
        for folder, key in keys.items()
        if key is not None
        for path in image_files(folder)
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
        return decode_cell(image_bytes(path), at_least_px=at_least_px)
    except (OSError, ImageRefusedError) as error:
        raise DatasetError(f"{path} cannot be read: {error} Mend it or take it away.") from error


def read_cell_files(
    root: Path, paths: Iterable[str], at_least_px: int | None = None
) -> tuple[dict[str, Image.Image], dict[str, str]]:
    """The images of the cells in these files of ``root``, and why the others cannot be read."""

    def read(path: str) -> Image.Image | str:
        try:
            return read_cell_file(root / path, at_least_px)
        except DatasetError as error:
            return str(error)

    wanted = list(paths)
    found = dict(zip(wanted, map_all(read, wanted), strict=True))
    images = {path: one for path, one in found.items() if not isinstance(one, str)}
    return images, {path: one for path, one in found.items() if isinstance(one, str)}


def _key(name: str, outside: bool) -> str | None:
    if is_known(name):
        return cell_class(name).key
    kind = outside_kind(name) if outside else None
    return kind.key if kind else None


def _subtype(key: str, file_name: str) -> str | None:
    return subtype_name(key, file_name) if is_known(key) else None
