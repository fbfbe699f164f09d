"""Files and folders of cell images, for the command line and for benchmarks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.analysis.archive import is_zip, shown_name
from core.analysis.intake import CellImage, Refused, read_upload
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


def _walk(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from image_files(path, also=(".zip",))
        else:
            yield path


def _read(
    path: Path, limits: UploadLimits, at_least_px: int | None
) -> Iterator[CellImage | Refused]:
    shown = path_in_words(path)
    try:
        data = read_at_most(path, limits.file_bytes)
    except OSError as error:
        yield Refused(shown, f"The file cannot be read: {error.strerror or error}.")
        return
    of_zip = is_zip(path.name, data)
    for item in read_upload(path.name, data, limits, at_least_px):
        inside = of_zip and item.name != shown_name(path.name)
        yield replace(item, name=f"{shown}/{item.name}" if inside else shown)
