"""The command line: ``python -m apps.cli --help``.

Exit code 2 is what a user can mend, with one line on standard error that says how.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from apps.cli import (
    data,
    detector,
    evaluation,
    field,
    history,
    keys,
    laboratory,
    locator,
    models,
    training,
    users,
)
from apps.cli.laboratory import Model, ProfileName
from apps.cli.models import predictor_named
from apps.cli.terminal import Json, refuse, tell, write_json
from core import logs
from core.errors import BloodCellsError, DatasetMissingError
from core.image_files import path_in_words
from core.settings import settings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reads stained blood cells. For research use only.",
)
app.add_typer(users.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.command()(data.index)
app.command()(field.field)
app.command()(history.history)
app.command()(evaluation.evaluate)
app.command()(training.train)
app.command()(locator.locator)
app.command()(detector.detector)
app.command()(laboratory.profile)
app.command()(laboratory.adapt)
app.command()(laboratory.describe)


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
        tell(line_of(entry))
    write_json(json_file, entries)
    if not entries:
        raise DatasetMissingError(f"No images in {', '.join(map(path_in_words, paths))}.")
    refused = sum("error" in entry for entry in entries)
    if refused:
        print(f"{refused} of {len(entries)} files got no prediction.", file=sys.stderr)
    if refused == len(entries):
        raise typer.Exit(2)


def line_of(entry: dict[str, Any]) -> str:
    """What is printed of one prediction, or of a file that got none."""
    from core.morphology import in_words
    from core.prediction import Status

    if "error" in entry:
        return f"{entry['path']}: {entry['error']}"
    line = f"{entry['path']}: {entry['label']} {entry['confidence']:.1%} ({entry['status']})"
    if entry["attributes"]:
        line += f": {in_words({key: one['value'] for key, one in entry['attributes'].items()})}."
    return line if entry["status"] == Status.CONFIDENT else f"{line} {entry['reason']}"


@app.command()
def serve() -> None:
    """Start the dashboard, as "make run" does."""
    from apps.server import main as start

    start()


def main() -> None:
    """Runs the command line; what a user can mend becomes one line and exit code 2."""
    refuse(_run, BloodCellsError)


def _run() -> None:
    # A command says itself how it goes; only what is wrong comes between its lines.
    level = "error" if settings().log_level.lower() == "error" else "warning"
    logs.set_up(level, settings().log_format)
    app()
