"""``python -m apps.cli history``: the prediction history as a file."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from apps.cli.terminal import open_store, writable, write_file
from core.access import exports
from core.access.accounts import COMMAND_LINE
from core.records.history.filter import HistoryFilter, Verdict
from core.records.spreadsheet import csv_file


def history(
    out: Annotated[Path, typer.Argument(help="The CSV file to write.", callback=writable)],
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="In UTC.")] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="In UTC, included.")
    ] = None,
    verdict: Annotated[Verdict | None, typer.Option(help="What a person made of it.")] = None,
) -> None:
    """Export predictions with people's labels as CSV; the audit trail notes it."""
    chosen = HistoryFilter(
        since.date() if since else None, until.date() if until else None, verdict=verdict
    )
    lines = exports.history_csv(open_store(), COMMAND_LINE, chosen)
    write_file(out, csv_file(lines))
    print(f"Wrote {out}.")
