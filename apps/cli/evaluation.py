"""``evaluate`` of the command line: a bundle against labelled images, and the figures as lines."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps.cli.attributes import attribute_files, print_attributes
from apps.cli.data import Data
from apps.cli.laboratory import Model, ProfileName
from apps.cli.models import bundle_named
from apps.cli.terminal import Json, ProgressLine, tell, write_json
from core.settings import settings
from core.taxonomy import NO_CELL

if TYPE_CHECKING:
    import pandas as pd

    from core.vision.bundle import Bundle


class Split(StrEnum):
    """Parts of the data set that a model was trained on."""

    TEST = "test"
    VALIDATION = "validation"
    TRAIN = "train"


AttributeFiles = Annotated[
    list[Path] | None,
    typer.Option(
        help="CSV of morphological attributes by file name, as WBCAtt's; can be given "
        "repeatedly. What the model tells is then compared with these files alone, else with "
        "those found in the folder or in a folder wbcatt near it."
    ),
]
OfSplit = Annotated[
    Split | None,
    typer.Option(
        help="Only these images of the data set that the model was trained on, e.g. test: what "
        "no weight was fitted on. Without it all of the folder are taken."
    ),
]


def evaluate(
    data: Data,
    model: Model = None,
    profile: ProfileName = None,
    attributes: AttributeFiles = None,
    split: OfSplit = None,
    json_file: Json = None,
) -> None:
    """Compare a bundle's predictions with the labels of a folder of class folders."""
    from core.evaluation.attributes import agreement, annotated_samples
    from core.evaluation.evaluate import evaluate as run
    from core.evaluation.metrics import summary
    from core.evaluation.report import report
    from core.vision.classifier import Classifier

    bundle, under = bundle_named(model), _profile(profile)
    table = _table(data, split, bundle)
    classifier = Classifier(bundle, settings().runtime)
    files = attribute_files(bundle, data, table["path"], attributes)
    line = ProgressLine("images")
    result = run(classifier, data, table, line, split=split or "all", profile=under)
    told = agreement(result, annotated_samples(result, files))
    figures = report(result, summary(result), told)
    write_json(json_file, figures)
    _print(figures)


def _table(data: Path, split: Split | None, bundle: "Bundle") -> "pd.DataFrame":
    """The images to evaluate on; says so where the model may have learnt from some of them."""
    from core.dataset.catalogue import update_catalogue
    from core.dataset.folders import labelled_folder
    from core.dataset.splits import saved_split

    if split is None:
        print(
            f"All images of the folder are taken. {bundle.name} learnt from: "
            f"{'; '.join(bundle.card.data.sources)}. If these are among them its figures are too "
            "good: --split test takes images that it did not learn from.",
            file=sys.stderr,
        )
        return labelled_folder(data, outside=True)
    catalogue = update_catalogue(data, settings().cache_dir)
    if catalogue.fingerprint != bundle.card.data.fingerprint:
        print(
            f"These are not exactly the images that the split of {bundle.name} was made of, so it "
            "may have learned from some of them: its figures may be too good.",
            file=sys.stderr,
        )
    parts = saved_split(catalogue, settings().cache_dir, bundle.card.data.split_seed)
    return catalogue.images[catalogue.images["path"].map(parts) == split]


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
