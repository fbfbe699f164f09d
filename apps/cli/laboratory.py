"""Setting up a laboratory: ``profile`` and ``adapt`` of the command line."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.cli.attributes import print_attribute
from apps.cli.models import bundle_named
from apps.cli.terminal import Json, ProgressLine, tell, write_json
from core.errors import DatasetMissingError
from core.settings import settings

if TYPE_CHECKING:
    from core.analysis.intake import CellImage, Refused

Model = Annotated[str | None, typer.Option("--model", help="Model; default: the one in use.")]
ProfileName = Annotated[
    str | None, typer.Option("--profile", help="Laboratory profile that the cells come under.")
]


def profile(
    data: Annotated[Path, typer.Option("--data", help="Folder of unlabelled cells, 50 or more.")],
    out: Annotated[str, typer.Option("--out", help="Name of the laboratory profile.")],
    model: Model = None,
    json_file: Json = None,
) -> None:
    """Measure what is usual in a laboratory's images; labels are neither needed nor read."""
    from core.analysis.files import read_paths
    from core.analysis.profiles import check_profile_name, save_profile
    from core.analysis.sampling import draw
    from core.vision.classifier import Classifier
    from core.vision.profiling import make_profile

    if not data.is_dir():
        raise DatasetMissingError(f"There is no folder {data}. Give a folder of cell images.")
    check_profile_name(out, settings())
    bundle = bundle_named(model)
    classifier = Classifier(bundle, settings().runtime)
    drawn = draw(_telling(read_paths([data], classifier.at_least_px)))
    made = make_profile(out, [image.rgb for image in drawn], classifier, ProgressLine("cells"))
    file = save_profile(made, settings())
    write_json(json_file, made.model_dump(mode="json"))
    print(f"Laboratory profile {made.name} from {made.cells} cells stands in {file}")
    for what, share in (("nucleus", made.nucleus_share), ("cell", made.cell_share)):
        if share is not None:
            print(f"  median {what}: {share:.1%} of the image's side")
    most = max(made.class_mix.values())
    print("  taken to be as common as, against the most common class:")
    for key, share in sorted(made.class_mix.items(), key=lambda one: -one[1]):
        print(f"  {key:13} {share / most:8.2%}")


def _telling(found: "Iterable[CellImage | Refused]") -> "Iterator[CellImage]":
    """The images among them; tells of the others."""
    from core.analysis.intake import CellImage

    for item in found:
        if isinstance(item, CellImage):
            yield item
        else:
            tell(f"not read: {item.name}: {item.reason}", wrong=True)


def adapt(
    data: Annotated[Path, typer.Option("--data", help="Folder of class folders.")],
    labels: Annotated[int, typer.Option(help="Fit on at most so many labelled cells.")] = 100,
    out: Annotated[str | None, typer.Option(help="Name of the new model.")] = None,
    model: Model = None,
    seed: int = 0,
    json_file: Json = None,
) -> None:
    """Fit a bundle to a laboratory with a few labelled cells; the others check the result."""
    from core.dataset.folders import labelled_folder
    from core.training.adapt.cells import read_cells
    from core.training.adapt.change import NO_ATTRIBUTES
    from core.training.adapt.laboratory import adapt as run

    bundle = bundle_named(model)
    table = labelled_folder(data)
    at_least_px = bundle.card.preparation.at_least_px
    of_path = dict(zip(table["path"], table["label"], strict=True))
    source = f"folder {data.resolve().name}"
    cells, unreadable, copies = read_cells(data, of_path, source, at_least_px)
    for reason in unreadable.values():
        tell(reason, wrong=True)
    for path in copies:
        tell(f"left out, a copy of another cell: {path}", wrong=True)
    line = ProgressLine("per cent")
    made, change = run(
        bundle,
        cells,
        out or f"{bundle.name}-{data.resolve().name}",
        settings(),
        most=labels,
        seed=seed,
        progress=lambda share, _: line(round(100 * share), 100),
    )
    told = {"bundle": made.name if made else None, "parent": bundle.name, **vars(change)} | {
        "p_value": change.p_value,
        "unreadable": list(unreadable),
        "copies": copies,
    }
    write_json(json_file, told)
    print(f"fitted on {change.fitted} cells, checked on {change.checked} others")
    print(f"there {change.before:.1%} before, {change.after:.1%} after: {change.in_words()}")
    print(
        f"in the source laboratory {change.home_before:.1%} before, {change.home_after:.1%} after"
    )
    print(change.statuses_in_words())
    if made is None:
        print("\n".join(change.why_not()), file=sys.stderr)
        raise typer.Exit(1)
    print(f"Model {made.name} stands in {made.folder}. {NO_ATTRIBUTES}")


def describe(
    data: Annotated[Path, typer.Option("--data", help="Folder of class folders.")],
    attributes: Annotated[
        Path, typer.Option(help="CSV of morphological attributes by file name, as WBCAtt's.")
    ],
    out: Annotated[str, typer.Option("--out", help="Name of the new model.")],
    model: Model = None,
    seed: int = 0,
    json_file: Json = None,
) -> None:
    """Teach a bundle to tell morphological attributes; its class predictions stay as they are."""
    from core.training.attributes.cells import AttributeData
    from core.training.attributes.describe import describe as run

    bundle = bundle_named(model)
    line = ProgressLine("per cent")
    made = run(
        bundle,
        AttributeData(data.resolve(), attributes),
        out,
        settings(),
        seed=seed,
        tell=lambda share, _: line(round(100 * share), 100),
    )
    told = made.card.model_dump(mode="json")["attributes"]
    write_json(json_file, told)
    count = told["images"]
    print(
        f"learnt from {count['train']} cells; measured on {count['validation']} of them, "
        "held back from heads of the same kind"
    )
    for key, figures in told["metrics"].items():
        print_attribute(key, figures)
    print(f"Model {made.name} stands in {made.folder}")
