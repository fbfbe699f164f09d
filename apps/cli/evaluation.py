"""``evaluate`` of the command line: a bundle against labelled images, and the figures as lines."""

from pathlib import Path
from typing import Annotated, Any

import typer

from apps.cli.attributes import attribute_files, print_attributes
from apps.cli.data import Data
from apps.cli.laboratory import Model, ProfileName
from apps.cli.models import bundle_named
from apps.cli.terminal import Json, ProgressLine, tell, write_json
from core.settings import settings
from core.taxonomy import NO_CELL


def evaluate(
    data: Data,
    model: Model = None,
    profile: ProfileName = None,
    attributes: Annotated[
        list[Path] | None,
        typer.Option(
            help="CSV of morphological attributes by file name, as WBCAtt's; can be given "
            "repeatedly. What the model tells is then compared with these files alone, else with "
            "those found in the folder or in a folder wbcatt near it."
        ),
    ] = None,
    json_file: Json = None,
) -> None:
    """Compare a bundle's predictions with the labels of a folder of class folders."""
    from core.dataset.folders import labelled_folder
    from core.evaluation.attributes import agreement, annotated_samples
    from core.evaluation.evaluate import evaluate as run
    from core.evaluation.metrics import summary
    from core.evaluation.report import report
    from core.vision.classifier import Classifier

    table = labelled_folder(data, outside=True)
    classifier = Classifier(bundle_named(model), settings().runtime)
    files = attribute_files(classifier.bundle, data, table["path"], attributes)
    result = run(classifier, data, table, ProgressLine("images"), profile=_profile(profile))
    told = agreement(result, annotated_samples(result, files))
    figures = report(result, summary(result), told)
    write_json(json_file, figures)
    _print(figures)


def _print(figures: dict[str, Any]) -> None:
    low, high = figures["intervals"]["accuracy"]
    print(f"{figures['n']} images, model {figures['bundle']}")
    print(f"accuracy {figures['accuracy']:.2%} (95% {low:.2%} to {high:.2%})")
    print(f"macro F1 {figures['macro_f1']:.2%}")
    for key, row in figures["per_class"].items():
        shown = "  ".join(f"{name} {_percent(row[name])}" for name in ("precision", "recall", "f1"))
        print(f"  {key:13} {row['support']:6}  {shown}")
    _print_acceptance(figures["acceptance"])
    if "attributes" in figures:
        print_attributes(figures["attributes"])
    for bad in figures["unreadable"]:
        tell(f"not read: {bad['path']}: {bad['reason']}")


def _print_acceptance(figures: dict[str, Any]) -> None:
    """What the decision rule accepts by itself, and what becomes of what is no class."""
    print(f"reported automatically {_share(figures['coverage'])}")
    print(f"wrong among those       {_share(figures['error'])}")
    for kind, of in figures["outside"].items():
        what = "rejected" if kind == NO_CELL.key else "referred"
        print(f"  {kind:20} {what} {_share(of['found'])}, reported {_share(of['accepted'])}")


def _share(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return "none"
    low, high = share["interval"]
    return f"{share['value']:.1%} ({share['count']} of {share['of']}; 95% {low:.1%} to {high:.1%})"


def _percent(value: float | None) -> str:
    return "    –" if value is None else f"{value:6.1%}"


def _profile(name: str | None) -> Any:
    from core.analysis.profiles import load_profile

    return load_profile(name, settings()) if name else None
