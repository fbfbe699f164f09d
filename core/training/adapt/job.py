"""Adapting as a job: labelled cells in, a better bundle or the news that there is none out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import TrainingError
from core.image_files import is_image
from core.jobs import Job, Queue
from core.settings import settings
from core.taxonomy import cell_class, is_known
from core.training.adapt.cells import read_cells
from core.training.adapt.change import Change
from core.training.adapt.laboratory import adapt
from core.training.packaging.export import check_name
from core.vision.bundle import find_bundle
from core.work import Context

KIND = "adaptation"
CELLS = "cells"
UNNAMED = "labelled cells"  # of jobs that were asked for before their source was noted


def start(
    cells: Sequence[tuple[str, str, bytes]],
    source: str,
    bundle: str,
    name: str,
    queue: Queue,
    by: int | None,
    unread: Mapping[str, str] | None = None,
) -> Job:
    """Has ``bundle`` adapted to these cells.

    Args:
        cells: class, file name and bytes of each labelled cell; what is no image is passed over.
        source: what the cells came in, for the new bundle's card.
        name: of the new bundle.
        by: id of the account that asks; None for the command line.
        unread: names of files that could not even be unpacked, and why; told with the outcome.

    Raises:
        TrainingError: a label is no class, or there is no image.
        InvalidConfigError: the name cannot be used.
        JobError: the cells cannot be kept until they are used.
    """
    check_name(name, queue.settings)
    cells = [cell for cell in cells if is_image(cell[1], cell[2])]
    if unread and not cells:
        raise TrainingError(": ".join(next(iter(unread.items()))))
    unknown = sorted({label for label, _, _ in cells if not is_known(label)})
    if unknown or not cells:
        named = ", ".join(repr(label) for label in unknown) or "none at all"
        raise TrainingError(
            f"Folders that are no classes: {named}. Put each image into a folder named after "
            "its class, e.g. neutrophil."
        )
    places = [_place(number, label, file) for number, (label, file, _) in enumerate(cells)]
    files = [(f"{CELLS}/{place}", data) for place, (_, _, data) in zip(places, cells, strict=True)]
    names = {place: file for place, (_, file, _) in zip(places, cells, strict=True)}
    request = {"bundle": bundle, "name": name, "names": names, "source": source}
    request |= {"unread": list(unread or ())}
    return queue.submit(KIND, name, request, by=by, files=files)


def _place(number: int, label: str, file: str) -> str:
    """Where a cell lies among the others: its folder says its class."""
    return f"{cell_class(label).key}/{number:05d}{Path(file).suffix.lower()}"


def outcome(job: Job) -> tuple[str | None, Change]:
    """What a finished job gave: the new bundle's name (None for no better one), what changed."""
    told = job.outcome or {}
    return told["bundle"], Change(**told["change"])


def unreadable(job: Job) -> list[str]:
    """The names of the files that a finished job could not read."""
    return list((job.outcome or {}).get("unreadable", ()))


def copies(job: Job) -> list[str]:
    """The names of the files that a finished job left out: further images of another's cell."""
    return list((job.outcome or {}).get("copies", ()))


def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Adapts as it was asked for.

    Raises:
        BloodCellsError: it cannot be done with these cells or this bundle.
    """
    bundle = find_bundle(request["bundle"], settings())
    names = request["names"]
    at_least_px = bundle.card.preparation.at_least_px
    labels = {path: PurePosixPath(path).parts[0] for path in sorted(names)}
    root = context.folder / CELLS
    cells, bad, double = read_cells(root, labels, request.get("source", UNNAMED), at_least_px)
    unread, copies = ([names[path] for path in of] for of in (bad, double))
    if not cells.images:
        raise TrainingError(f"None of the images can be read, the first being {unread[0]}.")
    made, change = adapt(bundle, cells, request["name"], settings(), progress=context.step)
    return {
        "bundle": made.name if made else None,
        "change": asdict(change),
        "unreadable": [*request.get("unread", ()), *unread],
        "copies": copies,
    }
