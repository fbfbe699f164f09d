"""The command line: ``python -m apps.cli --help``.

Exit code 2 is what a user can mend, with one line on standard error that says how.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from apps.cli import data as cli_data
from apps.cli import keys, laboratory, models, users
from apps.cli.attributes import attribute_files, print_attributes
from apps.cli.models import bundle_named, predictor_named
from apps.cli.terminal import Json, ProgressLine, open_store, refuse, write_json
from core import logs
from core.errors import BloodCellsError
from core.settings import settings
from core.taxonomy import NO_CELL

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reads stained blood cells. For research use only.",
)
app.add_typer(users.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.command()(cli_data.index)
app.command()(laboratory.profile)
app.command()(laboratory.adapt)
app.command()(laboratory.describe)

Model = laboratory.Model
Data = cli_data.Data
ProfileName = Annotated[
    str | None, typer.Option("--profile", help="Laboratory profile that the cells come under.")
]


@app.command()
def predict(
    paths: Annotated[list[Path], typer.Argument(help="Images, ZIP files or folders of them.")],
    model: Model = None,
    profile: ProfileName = None,
    json_file: Json = None,
) -> None:
    """Classify cell images; nothing is logged."""
    from core.analysis.files import read_paths
    from core.analysis.intake import Refused

    predictor = predictor_named(model, profile)
    entries: list[dict[str, Any]] = []
    for given in predictor.stream(read_paths(paths, predictor.at_least_px)):
        if isinstance(given, Refused):
            entry: dict[str, Any] = {"path": given.name, "error": given.reason}
        else:
            entry = {"path": given.cell.name, **given.to_dict()}
            del entry["name"]
        entries.append(entry)
        print(line_of(entry))
    write_json(json_file, entries)
    refused = sum("error" in entry for entry in entries)
    if refused:
        print(f"{refused} of {len(entries)} files got no prediction.", file=sys.stderr)
    if refused == len(entries) > 0:
        raise typer.Exit(2)


def line_of(entry: dict[str, Any]) -> str:
    """What is printed of one prediction, or of a file that got none."""
    from core.morphology import in_words
    from core.prediction import Status

    if "error" in entry:
        return f"{entry['path']}: {entry['error']}"
    line = f"{entry['path']}: {entry['label']} {entry['confidence']:.1%} ({entry['status']})"
    if entry["attributes"]:
        line += f": {in_words({key: one['value'] for key, one in entry['attributes'].items()})}"
    return f"{line} {entry['reason']}" if entry["status"] == Status.REFERRED else line


@app.command()
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
    low, high = figures["intervals"]["accuracy"]
    print(f"{figures['n']} images, model {figures['bundle']}")
    print(f"accuracy {figures['accuracy']:.2%} (95% {low:.2%} to {high:.2%})")
    print(f"macro F1 {figures['macro_f1']:.2%}")
    for key, row in figures["per_class"].items():
        shown = "  ".join(f"{name} {_percent(row[name])}" for name in ("precision", "recall", "f1"))
        print(f"  {key:13} {row['support']:6}  {shown}")
    _print_acceptance(figures["acceptance"])
    if told:
        print_attributes(figures["attributes"])
    for bad in figures["unreadable"]:
        print(f"not read: {bad['path']}: {bad['reason']}")


def _print_acceptance(figures: dict[str, Any]) -> None:
    """What the decision rule accepts by itself, and what becomes of what is no class."""
    print(f"accepted without review {_share(figures['coverage'])}")
    print(f"wrong among those       {_share(figures['error'])}")
    for kind, of in figures["outside"].items():
        what = "rejected" if kind == NO_CELL.key else "referred"
        print(f"  {kind:20} {what} {_share(of['found'])}, accepted {_share(of['accepted'])}")


def _share(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return "none"
    low, high = share["interval"]
    return f"{share['value']:.1%} ({share['count']} of {share['of']}; 95% {low:.1%} to {high:.1%})"


def _percent(value: float | None) -> str:
    return "    –" if value is None else f"{value:6.1%}"


@app.command()
def train(
    data: Data,
    out: Annotated[str, typer.Option(help="Name of the model that the run becomes.")],
    arch: Annotated[str, typer.Option(help="Network, e.g. resnet18.")] = "resnet18",
    epochs: int = 20,
    side: Annotated[int, typer.Option(help="Side of the images in pixels.")] = 224,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    weight_average: Annotated[float, typer.Option(help="Decay per batch; 0 for none.")] = 0.0,
    scratch: Annotated[bool, typer.Option("--scratch", help="No pre-trained weights.")] = False,
    start: Annotated[str, typer.Option(help="A model of the same network to start from.")] = "",
    framed: Annotated[
        bool,
        typer.Option(
            "--framed",
            help="Standardised crops: centred, scaled, stain-normalised.",
        ),
    ] = False,
    further: Annotated[
        list[Path] | None,
        typer.Option(
            help="Class folders of another laboratory to learn from, too; those of kinds outside "
            "the classes, such as blast, become outputs of their own. Can be given repeatedly."
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only so many images, for a trial.")] = None,
    seed: int = 0,
    recipe: Annotated[
        str | None,
        typer.Option(help="Train as one of these was: shipped. Overrides all but data, out, seed."),
    ] = None,
    json_file: Json = None,
) -> None:
    """Train a network here and now, and make a bundle of its best epoch."""
    from dataclasses import replace

    from core.jobs import Queue
    from core.training.config import FurtherData, TrainConfig
    from core.training.recipes import across_laboratories, find_recipe
    from core.training.runs.foreground import train_bundle, train_stages

    plain = TrainConfig(
        data_dir=str(data.resolve()),
        further=tuple(FurtherData(str(folder.resolve())) for folder in further or ()),
        architecture=arch,
        pretrained=not scratch,
        start=start,
        side_px=side,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_average=weight_average,
        limit=limit,
        seed=seed,
    )
    queue = Queue(open_store(), settings())
    if recipe:
        stages = [replace(stage, seed=seed) for stage in find_recipe(recipe)(data)]
        bundle = train_stages(stages, out, queue, _print_line)
    else:
        config = across_laboratories(plain) if framed else plain
        bundle = train_bundle(config, out, queue, _print_line)
    write_json(json_file, bundle.card.model_dump(mode="json"))
    print(f"Model {bundle.name} stands in {bundle.folder}")


def _print_line(text: str) -> None:
    print(text, flush=True)


@app.command()
def serve() -> None:
    """Start the dashboard, as ``make run`` does."""
    from apps.server import main as start

    start()


def _profile(name: str | None) -> Any:
    from core.analysis.profiles import load_profile

    return load_profile(name, settings()) if name else None


def main() -> None:
    """Runs the command line; what a user can mend becomes one line and exit code 2."""
    refuse(_run, BloodCellsError)


def _run() -> None:
    # A command says itself how it goes; only what is wrong comes between its lines.
    level = "error" if settings().log_level.lower() == "error" else "warning"
    logs.set_up(level, settings().log_format)
    app()
