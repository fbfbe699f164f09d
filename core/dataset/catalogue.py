"""The catalogue: one row for each file of a data set, kept as Parquet."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from core import taxonomy
from core.dataset.groups import add_groups
from core.dataset.measure import label_problem, measure, unmeasured
from core.dataset.roots import folders_in, require_one_level, unreadable
from core.errors import DatasetMissingError
from core.files import replacing
from core.fingerprint import of_code
from core.image_files import files_in, path_in_words
from core.parallel import Progress, map_all

_PARTS = ("measure", "duplicates", "groups", "catalogue")
MADE_BY = ("core.images", "core.taxonomy", *(f"core.dataset.{part}" for part in _PARTS))
_SEEN = ["path", "bytes", "mtime_ns"]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What a data set holds.

    Attributes:
        root: the folder of class folders.
        table: a row for each file: ``path`` (POSIX, relative to root, the sample id),
            ``label`` (key of a class or of a kind outside them, or the folder's name),
            ``subtype``, ``bytes``, ``mtime_ns``, all that ``measure`` gives, ``group`` (shared
            by images of the same cell), ``view`` (shared by images that overlap) and ``pairs``
            (the contents that its own is a pair with, as JSON).
        fingerprint: 16 hex digits over the paths and contents of the readable images.
    """

    root: Path
    table: pd.DataFrame
    fingerprint: str

    @cached_property
    def images(self) -> pd.DataFrame:
        """The rows that can be used: readable, of a known class."""
        return self._readable(taxonomy.KEYS)

    @cached_property
    def outside(self) -> pd.DataFrame:
        """Readable rows of kinds outside the classes, e.g. blasts: only to evaluate on."""
        return self._readable(taxonomy.OUTSIDE_KEYS)

    def _readable(self, labels: tuple[str, ...]) -> pd.DataFrame:
        wanted = self.table["problem"].isna() & self.table["label"].isin(labels)
        return self.table[wanted].reset_index(drop=True)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """``path`` and ``problem`` of everything else."""
        rows = self.table.loc[self.table["problem"].notna(), ["path", "problem"]]
        return rows.reset_index(drop=True)


def update_catalogue(
    root: Path,
    folder: Path,
    progress: Progress | None = None,
    comparing: Progress | None = None,
) -> Catalogue:
    """The catalogue of what is in ``root`` now; reads and compares only what is new or changed.

    Args:
        root: folder of class folders.
        folder: where the catalogue is kept.
        progress: called with files read and files to read.
        comparing: called then, with images compared and to compare, to find copies.

    Raises:
        DatasetMissingError: there is no class folder with a file in ``root``.
        DatasetError: class folders lie in folders such as TRAIN and TEST, or a folder cannot be
            read.
    """
    if not root.is_dir():
        raise DatasetMissingError(f"There is no folder {root}. Give a folder of class folders.")
    require_one_level(root)
    try:
        found = pd.DataFrame(_walk(root), columns=["path", "label", "subtype", "bytes", "mtime_ns"])
    except OSError as error:
        raise unreadable(error) from error
    if found.empty:
        raise DatasetMissingError(
            f"{root} holds no class folders with images. It should hold one folder a class: "
            f"{', '.join(taxonomy.KEYS)}."
        )
    known = load_catalogue(root, folder)
    if known is not None and known.table[_SEEN].equals(found[_SEEN]):
        return known
    catalogue = _build(root, found, known, folder, progress, comparing)
    for old in folder.glob(f"catalogue-*{root_key(root)}*.parquet"):  # made by other code
        if old != _file(root, folder):
            old.unlink(missing_ok=True)
    with replacing(_file(root, folder), durable=False) as part:
        catalogue.table.to_parquet(part, index=False)
    return catalogue


def load_catalogue(root: Path, folder: Path) -> Catalogue | None:
    """The catalogue as it was last kept, None if there is none or it is damaged."""
    try:
        table = pd.read_parquet(_file(root, folder))
    except (OSError, ValueError):
        return None
    return Catalogue(root, table, fingerprint(table))


def fingerprint(table: pd.DataFrame) -> str:
    """16 hex digits that name the content of the usable images."""
    rows = table.loc[table["problem"].isna(), ["path", "sha256"]].sort_values("path")
    lines = "\n".join(rows["path"] + " " + rows["sha256"])
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def root_key(root: Path) -> str:
    """A short name for a data set's place, to keep files about several apart."""
    return hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]


def _file(root: Path, folder: Path) -> Path:
    return folder / f"catalogue-{root_key(root)}-{of_code(*MADE_BY)}.parquet"


def _walk(root: Path) -> Iterator[tuple[str, str, str | None, int, int]]:
    entries = []
    for top in folders_in(root):
        entries += [(p, top.name) for p in list(files_in(top)) or [top]]
    for path, folder in sorted(entries):
        known = taxonomy.is_known(folder)
        kind = taxonomy.cell_class(folder) if known else taxonomy.outside_kind(folder)
        label = kind.key if kind else folder
        subtype = taxonomy.subtype_name(label, path.name) if known else None
        try:
            stat = path.stat(follow_symlinks=path.exists())
        except FileNotFoundError:  # it went meanwhile
            continue
        size = 0 if path.is_dir() else stat.st_size
        shown = path_in_words(path.relative_to(root).as_posix())
        yield shown, path_in_words(label), subtype, size, stat.st_mtime_ns


def _build(
    root: Path,
    found: pd.DataFrame,
    known: Catalogue | None,
    folder: Path,
    progress: Progress | None,
    comparing: Progress | None,
) -> Catalogue:
    kept = _begun_measures(root, folder)
    kept |= {} if known is None else _measures_by_file(known.table)
    files = list(found[_SEEN].itertuples(index=False, name=None))
    fresh = [path for path, *seen in files if (path, *seen) not in kept]
    measured: dict[str, dict[str, Any]] = {}

    def read(path: str) -> None:
        measured[path] = measure(root / path)

    try:
        map_all(read, fresh, progress)
        rows = [kept[file] if file in kept else measured[file[0]] for file in files]
        table = pd.concat([found, pd.DataFrame(rows)], axis=1)
        unknown = table["label"].map(label_problem)
        table["problem"] = table["problem"].where(table["problem"].notna(), unknown)
        add_groups(table, None if known is None else known.table, comparing)
    except BaseException:  # also when somebody leaves the page: what was read is kept
        _keep_begun(root, folder, found, kept, dict(measured))
        raise
    return Catalogue(root, table, fingerprint(table))


def _begun(root: Path, folder: Path) -> Path:
    """Measures of a catalogue that was not finished; it goes with the next one that is."""
    return _file(root, folder).with_suffix(".begun.parquet")


def _begun_measures(root: Path, folder: Path) -> dict[tuple[Any, ...], dict[Any, Any]]:
    try:
        return _measures_by_file(pd.read_parquet(_begun(root, folder)))
    except (OSError, ValueError):
        return {}


def _keep_begun(
    root: Path,
    folder: Path,
    found: pd.DataFrame,
    kept: dict[tuple[Any, ...], dict[Any, Any]],
    measured: dict[str, dict[str, Any]],
) -> None:
    files = list(found[_SEEN].itertuples(index=False, name=None))
    known = {file: kept.get(file) or measured.get(file[0]) for file in files}
    rows = [dict(zip(_SEEN, file, strict=True)) | of for file, of in known.items() if of]
    if not rows:
        return
    with replacing(_begun(root, folder), durable=False) as part:
        pd.DataFrame(rows).to_parquet(part, index=False)


def _measures_by_file(table: pd.DataFrame) -> dict[tuple[Any, ...], dict[Any, Any]]:
    files = table[_SEEN].itertuples(index=False, name=None)
    measures = table[list(unmeasured())].to_dict("records")
    return dict(zip(files, measures, strict=True))
