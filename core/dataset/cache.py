"""All images of a data set decoded once to one size, as one uint8 array on disk."""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from core.dataset.catalogue import Catalogue, root_key
from core.errors import DatasetError, ImageRefusedError
from core.files import replacing
from core.images import decode_cell
from core.parallel import Progress, map_all


class Preparation(Protocol):
    """How a decoded image becomes the pixels that are kept."""

    @property
    def at_least_px(self) -> int:
        """What an image's shorter side should be decoded at."""
        ...

    @property
    def stored_px(self) -> int:
        """The side of what it makes."""
        ...

    @property
    def mark(self) -> str:
        """A name for it, for files: equal marks make equal pixels."""
        ...

    def __call__(self, image: Image.Image) -> np.ndarray:
        """An RGB image → (S, S, 3) uint8 with S = ``stored_px``."""
        ...


@dataclass(frozen=True, eq=False)
class PixelCache:
    """Decoded images, read from disk as they are asked for.

    Attributes:
        images: (N, S, S, 3) uint8, a read-only memory map.
        paths: the sample id of each row.
    """

    images: np.ndarray
    paths: tuple[str, ...]

    def rows(self, paths: Iterable[str]) -> np.ndarray:
        """The row of each sample id.

        Raises:
            KeyError: an id that is not in this cache.
        """
        return np.array([self._row[path] for path in paths], dtype=np.int64)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {path: row for row, path in enumerate(self.paths)}


def pixel_cache(
    catalogue: Catalogue, prepare: Preparation, folder: Path, progress: Progress | None = None
) -> PixelCache:
    """Each usable image as ``prepare`` makes it; built if it is not there.

    Caches of an earlier content of the same data set are deleted.

    Raises:
        DatasetError: no room on the disk, or an image changed since the catalogue was made.
    """
    paths = tuple(catalogue.images["path"])
    prefix = f"pixels-{root_key(catalogue.root)}"
    file = folder / f"{prefix}-{catalogue.fingerprint}-{prepare.mark}.npy"
    for old in folder.glob(f"{prefix}-*"):
        if catalogue.fingerprint not in old.name:
            old.unlink(missing_ok=True)
    if not file.exists():
        with replacing(file, durable=False) as part:
            _fill(part, catalogue, prepare, progress)
    return PixelCache(np.load(file, mmap_mode="r"), paths)


def _fill(
    part: Path, catalogue: Catalogue, prepare: Preparation, progress: Progress | None
) -> None:
    shape = (len(catalogue.images), prepare.stored_px, prepare.stored_px, 3)
    _require_room(part.parent, int(np.prod(shape)))
    pixels = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
    sources = list(zip(catalogue.images["path"], catalogue.images["sha256"], strict=True))

    def fill(row: int) -> None:
        path, sha256 = sources[row]
        pixels[row] = _prepared(catalogue.root / path, sha256, prepare)

    map_all(fill, range(len(sources)), progress)
    pixels.flush()


def _prepared(path: Path, sha256: str, prepare: Preparation) -> np.ndarray:
    try:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DatasetError(f"{path} changed since the catalogue was made. Update it.")
        return prepare(decode_cell(data, at_least_px=prepare.at_least_px))
    except (OSError, ImageRefusedError) as error:
        raise DatasetError(
            f"{path} cannot be read any more: {error} Update the catalogue."
        ) from error


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:  # a memory map on a full disk would end the process without a word
        raise DatasetError(
            f"The decoded images need {needed / 1e9:.1f} GB in {folder}, {free / 1e9:.1f} GB "
            "are free. Make room or choose a smaller image side."
        )
