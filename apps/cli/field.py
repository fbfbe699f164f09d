"""``field`` of the command line: the cells of whole fields."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.laboratory import Model, ProfileName
from apps.cli.models import predictor_named
from apps.cli.terminal import Json, tell, writable, write_json
from core.errors import DatasetError, DatasetMissingError
from core.image_files import path_in_words
from core.taxonomy import RESEARCH_USE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.analysis.fields import FieldReading
    from core.analysis.intake import Refused
    from core.analysis.predictor import Predictor
    from core.cases.differential import Differential

LARGEST_MB = 256  # of a file; a field of 48 megapixels, uncompressed, is 144
_KINDS = (("wbc", "white cells"), ("rbc", "red cells"), ("platelet", "platelets"))


def field(
    paths: Annotated[list[Path], typer.Argument(help="Images, ZIP files or folders of them.")],
    model: Model = None,
    profile: ProfileName = None,
    um_per_px: Annotated[
        float | None,
        typer.Option(min=0.01, max=5, help="Micrometres a pixel; else the image tells."),
    ] = None,
    differential: Annotated[
        bool, typer.Option("--differential", help="Count the white cells of all images.")
    ] = False,
    json_file: Json = None,
    geojson: Annotated[
        Path | None, typer.Option(help="Write what QuPath opens; one image.", callback=writable)
    ] = None,
) -> None:
    """Find the cells in microscope fields and classify the white ones; nothing is logged."""
    from core.analysis.geojson import features
    from core.analysis.intake import Refused

    entries: list[dict[str, Any]] = []
    readings: list[FieldReading] = []
    for path, given in _given(paths, predictor_named(model, profile), um_per_px):
        if isinstance(given, Refused):
            entries.append({"path": path, "error": given.reason})
            tell(f"{path}: {given.reason}", wrong=True)
        else:
            readings.append(given)
            entries.append({"path": path, **given.to_dict()})
            tell(f"{path}: {_in_words(given)}")
    write_json(json_file, entries)
    if not entries:
        raise DatasetMissingError(f"No images in {', '.join(map(path_in_words, paths))}.")
    if geojson is not None:
        if len(readings) != 1:
            raise DatasetError(f"GeoJSON is of one image; {len(readings)} were read. Name one.")
        write_json(geojson, features(readings[0]))
    if differential:
        _print(_counted(readings))
    if not readings:
        raise typer.Exit(2)


def _given(
    paths: list[Path], predictor: "Predictor", um_per_px: float | None
) -> "Iterator[tuple[str, FieldReading | Refused]]":
    """Each image with its path, as it is read."""
    from core.analysis.fields import read_field
    from core.analysis.files import open_paths
    from core.analysis.intake import Refused
    from core.analysis.limits import UploadLimits

    for path, file in open_paths(paths, UploadLimits(file_mb=LARGEST_MB)):
        if isinstance(file, Refused):
            yield path, file
        else:
            yield path, read_field(file.name, file.data, predictor, um_per_px)


def _in_words(reading: "FieldReading") -> str:
    """E.g. "white cells: 3 (2 neutrophil, 1 cut by the edge), red cells: 31, platelets: 4; …"."""
    found = reading.found
    labels = Counter(one.label for one in reading.told)
    told = [f"{count} {label}" for label, count in labels.most_common()]
    if cut := sum(cell.cut for cell in found.of("wbc")):
        told.append(f"{cut} cut by the edge")
    counts = [f"{name}: {len(found.of(kind))}" for kind, name in _KINDS]
    if told:
        counts[0] += f" ({', '.join(told)})"
    ruler = "by its red cells" if found.of("rbc") else "a guess, as it shows no red cells"
    return (
        f"{', '.join(counts)}; {found.um_per_px:.3f} µm a pixel, "
        f"{ruler if found.estimated else 'as given'}"
    )


def _counted(readings: "list[FieldReading]") -> "Differential":
    from core.cases.differential import differential
    from core.prediction import Status

    told = [one for reading in readings for one in reading.told]
    named = [one.label for one in told if one.status is not Status.REFERRED]
    return differential(named, suspected=len(told) - len(named))


def _print(counted: "Differential") -> None:
    print(f"{counted.white_cells} white cells as the model sees them; nobody has looked at them.")
    print(RESEARCH_USE)
    for one in counted.shares:
        low, high = one.rounded
        print(f"  {one.name:32} {one.count:5} {one.per_100:6.1f}%  ({low} to {high}%)")
    for one in counted.beside:
        low, high = one.rounded
        print(f"  {one.name:32} {one.count:5} {one.per_100:6.1f} of 100  ({low} to {high})")
