"""Files and folders of cell images, for the command line and for benchmarks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.analysis.archive import Member, is_zip, shown_name
from core.analysis.intake import CellImage, Refused, files_of, read_file
from core.analysis.limits import UploadLimits
from core.image_files import image_files, path_in_words, read_at_most
from core.parallel import map_ahead

_AHEAD = 64


def read_paths(
    paths: Sequence[Path], at_least_px: int | None = None, limits: UploadLimits | None = None
) -> Iterator[CellImage | Refused]:
    """Every image in files, ZIPs and folders (walked), in order; each named by its path.

    Files are read and decoded in threads, a little ahead of the reader.

    Args:
        paths: files are read whatever their suffix; in folders only images and ZIPs are.
        at_least_px: as in ``read_image``.
        limits: of each file.
    """
    bounds = limits or UploadLimits()

    def read(path: Path) -> list[CellImage | Refused]:
        return list(_read(path, bounds, at_least_px))

    for results in map_ahead(read, _walk(paths), _AHEAD):
        yield from results


def open_paths(
    paths: Sequence[Path], limits: UploadLimits | None = None
) -> Iterator[tuple[str, Member | Refused]]:
    """The same files unread, each with its path: for whoever reads more in them than one cell."""
    for path in _walk(paths):
        yield from _opened(path, limits or UploadLimits())


def _walk(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from image_files(path, also=(".zip",))
        else:
            yield path


def _read(
    path: Path, limits: UploadLimits, at_least_px: int | None
) -> Iterator[CellImage | Refused]:
    for shown, file in _opened(path, limits):
        yield replace(read_file(file, at_least_px), name=shown)


def _opened(path: Path, limits: UploadLimits) -> Iterator[tuple[str, Member | Refused]]:
    """The file, or those in the ZIP; each with its path."""
    shown = path_in_words(path)
    try:
        data = read_at_most(path, limits.file_bytes)
    except OSError as error:
        yield shown, Refused(shown, f"The file cannot be read: {error.strerror or error}.")
        return
    of_zip = is_zip(path.name, data)
    for file in files_of(path.name, data, limits):
        inside = of_zip and file.name not in (path.name, shown_name(path.name))
        yield f"{shown}/{shown_name(file.name)}" if inside else shown, file
