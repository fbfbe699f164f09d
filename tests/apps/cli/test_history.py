"""The history as a file from the command line."""

import csv
from pathlib import Path

from core.access import exports
from core.access.accounts import COMMAND_LINE
from core.records import audit, schema
from core.records.history.filter import HistoryFilter
from core.records.readings import NewReading
from core.records.spreadsheet import csv_file
from core.records.store import Store
from tests.apps.conftest import Run
from tests.factories import make_prediction


def test_the_history_becomes_a_file_and_the_trail_says_so(cli: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state' / 'app.db'}"
    (tmp_path / "state").mkdir()
    schema.migrate(url)
    store = Store(url)
    store.log([NewReading(make_prediction())] * 2)
    out = tmp_path / "readings.csv"

    done = cli("history", out, "--verdict", "unreviewed")

    assert done.returncode == 0, done.stderr
    (entry,) = audit.entries(store, action="history_exported")
    assert (entry.actor, entry.details) == ("command line", {"verdict": "unreviewed"})
    text = out.read_bytes().decode()
    assert text == csv_file(exports.history_csv(store, COMMAND_LINE, HistoryFilter()))
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["final_class"] for row in csv.DictReader(file)] == ["neutrophil"] * 2
    assert len(list(csv.DictReader(cli_narrowed(cli, tmp_path)))) == 0


def cli_narrowed(cli: Run, tmp_path: Path) -> list[str]:
    """The lines of a file of long ago."""
    out = tmp_path / "none.csv"
    assert cli("history", out, "--until", "2020-01-01").returncode == 0
    return out.read_text(encoding="utf-8-sig").splitlines()
