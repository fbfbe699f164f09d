"""Images of a data set decoded once to one size, as arrays of uint8 on disk."""

import hashlib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from core.dataset.catalogue import Catalogue, root_key
from core.errors import DatasetError, ImageRefusedError
from core.files import replacing
from core.image_files import image_bytes
from core.images import decode_cell
from core.parallel import Progress, chunks, map_all

PART = 64  # so many images a file: a stop loses none, and progress is told as often


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


class PixelCache:
    """Decoded images of a catalogue, read from disk as they are asked for: those made ready.

    Attributes:
        paths: the sample id of each row; the rows are those of the catalogue's usable images.
        shape: (N, S, S, 3) uint8, as of an array.
    """

    def __init__(self, paths: tuple[str, ...], side_px: int, files: Sequence[Path]) -> None:
        self.paths = paths
        self.shape = (len(paths), side_px, side_px, 3)
        self._files = files
        parts = self._parts = [np.load(file, mmap_mode="r") for file in files]
        self._row = {path: row for row, path in enumerate(paths)}
        self._place = np.full((len(paths), 2), -1)  # which part, and where in it
        for number, part in enumerate(parts):
            rows = part["rows"][0]
            self._place[rows, 0], self._place[rows, 1] = number, np.arange(len(rows))

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: it reads the same files, rather than be sent what is in them."""
        return PixelCache, (self.paths, self.shape[1], self._files)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n,) → (n, S, S, 3) uint8.

        Raises:
            KeyError: a row that was not made ready.
        """
        lacking = self.lacking(rows)
        if len(lacking):
            raise KeyError(f"Not made ready: {self.paths[lacking[0]]}")
        out = np.empty((len(rows), *self.shape[1:]), dtype=np.uint8)
        of_part, place = self._place[rows].T
        for number in np.unique(of_part):
            here = of_part == number
            out[here] = self._parts[number]["pixels"][0, place[here]]
        return out

    def rows(self, paths: Iterable[str]) -> np.ndarray:
        """The row of each sample id.

        Raises:
            KeyError: an id that is not in the catalogue.
        """
        return np.array([self._row[path] for path in paths], dtype=np.int64)

    def lacking(self, rows: np.ndarray) -> np.ndarray:
        """Those of the rows that are not made ready."""
        found: np.ndarray = rows[self._place[rows, 0] < 0]
        return found


def pixel_cache(
    catalogue: Catalogue,
    prepare: Preparation,
    folder: Path,
    paths: Iterable[str],
    progress: Progress | None = None,
) -> PixelCache:
    """The usable images with these sample ids as ``prepare`` makes them; built where they lack.

    What is made ready is kept in small parts, each written whole: work that is stopped goes on
    from the last of them. Caches of an earlier content of the same data set are deleted.

    Args:
        progress: told the images made ready and those asked for, after each part.

    Raises:
        DatasetError: no room on the disk, or an image changed since the catalogue was made.
        KeyError: an id that is not in the catalogue.
    """
    prefix = f"pixels-{root_key(catalogue.root)}"
    place = folder / f"{prefix}-{catalogue.fingerprint}-{prepare.mark}"
    _forget(old for old in folder.glob(f"{prefix}-*") if catalogue.fingerprint not in old.name)
    cache = _kept(place, catalogue, prepare)
    wanted = cache.rows(paths)
    lacking = cache.lacking(wanted)
    if not len(lacking):
        return cache
    place.mkdir(parents=True, exist_ok=True)
    _require_room(place, len(lacking) * int(np.prod(cache.shape[1:])))
    done = len(wanted) - len(lacking)
    for rows in chunks(lacking, PART):
        _write(place, _part(rows, catalogue, prepare))
        done += len(rows)
        if progress:
            progress(done, len(wanted))
    return _kept(place, catalogue, prepare)


def _kept(place: Path, catalogue: Catalogue, prepare: Preparation) -> PixelCache:
    files = sorted(place.glob("*.npy"))
    return PixelCache(tuple(catalogue.images["path"]), prepare.stored_px, files)


def _part(rows: list[int], catalogue: Catalogue, prepare: Preparation) -> np.ndarray:
    """One record, its rows before its pixels: the rows of all parts are read at once."""
    shape = (len(rows), prepare.stored_px, prepare.stored_px, 3)
    kind = np.dtype([("rows", np.int64, shape[:1]), ("pixels", np.uint8, shape)])
    part = np.empty(1, dtype=kind)
    part["rows"] = rows
    table = catalogue.images.iloc[rows]
    sources = list(zip(table["path"], table["sha256"], strict=True))

    def fill(at: int) -> None:
        path, sha256 = sources[at]
        part["pixels"][0, at] = _prepared(catalogue.root / path, sha256, prepare)

    map_all(fill, range(len(rows)))
    return part


def _write(place: Path, part: np.ndarray) -> None:
    name = hashlib.sha256(part["rows"].tobytes()).hexdigest()[:16]  # equal rows are one file
    with replacing(place / f"{name}.npy") as draft, draft.open("wb") as file:
        np.save(file, part)


def _forget(caches: Iterable[Path]) -> None:
    for old in caches:
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        else:  # a cache of one file, as they once were
            old.unlink(missing_ok=True)


def _prepared(path: Path, sha256: str, prepare: Preparation) -> np.ndarray:
    try:
        data = image_bytes(path)
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
