"""Adapting as a job: labelled cells in, a better bundle or the news that there is none out."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from core.dataset.folders import labelled_folder, read_cell_files
from core.errors import TrainingError
from core.jobs import Job, Queue
from core.settings import settings
from core.taxonomy import cell_class, is_known
from core.training.adapt.laboratory import Change, adapt
from core.training.packaging.export import check_name
from core.vision.bundle import find_bundle
from core.work import Context

KIND = "adaptation"
CELLS = "cells"


def start(
    cells: Sequence[tuple[str, str, bytes]], bundle: str, name: str, queue: Queue, by: int | None
) -> Job:
    """Has ``bundle`` adapted to these cells.

    Args:
        cells: class, file name and bytes of each labelled cell.
        name: of the new bundle.
        by: id of the account that asks; None for the command line.

    Raises:
        TrainingError: a label is no class.
        InvalidConfigError: the name cannot be used.
        JobError: the cells cannot be kept until they are used.
    """
    check_name(name, queue.settings)
    unknown = sorted({label for label, _, _ in cells if not is_known(label)})
    if unknown or not cells:
        named = ", ".join(repr(label) for label in unknown) or "none at all"
        raise TrainingError(
            f"Folders that are no classes: {named}. Put each image into a folder named after "
            "its class, e.g. neutrophil."
        )
    files = [
        (f"{CELLS}/{cell_class(label).key}/{number:05d}{Path(file).suffix.lower()}", data)
        for number, (label, file, data) in enumerate(cells)
    ]
    names = {
        str(PurePosixPath(kept).relative_to(CELLS)): file
        for (kept, _), (_, file, _) in zip(files, cells, strict=True)
    }
    request = {"bundle": bundle, "name": name, "names": names}
    return queue.submit(KIND, name, request, by=by, files=files)


def outcome(job: Job) -> tuple[str | None, Change]:
    """What a finished job gave: the new bundle's name (None for no better one), what changed."""
    told = job.outcome or {}
    return told["bundle"], Change(**told["change"])


def unreadable(job: Job) -> list[str]:
    """The names of the files that a finished job could not read."""
    return list((job.outcome or {}).get("unreadable", ()))


def work(request: dict[str, Any], context: Context) -> dict[str, Any]:
    """Adapts as it was asked for.

    Raises:
        BloodCellsError: it cannot be done with these cells or this bundle.
    """
    bundle = find_bundle(request["bundle"], settings())
    root = context.folder / CELLS
    table = labelled_folder(root)
    at_least_px = bundle.card.preparation.at_least_px
    images, bad = read_cell_files(root, table["path"], at_least_px)
    unread = [request["names"].get(path, path) for path in bad]
    if not images:
        raise TrainingError(f"None of the images can be read, the first being {unread[0]}.")
    labels = table.set_index("path")["label"][list(images)].tolist()
    made, change = adapt(
        bundle, list(images.values()), labels, request["name"], settings(), progress=context.step
    )
    return {
        "bundle": made.name if made else None,
        "change": asdict(change),
        "unreadable": unread,
    }
