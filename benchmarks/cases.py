"""Reading a case: acts a second, and the time to read a whole one.

    python -m benchmarks.cases [--cells 400] [--rounds 20]

Fills a database in a temporary folder. Each act labels one cell, in a transaction of its own that
is on the disk before the next begins; beside it, what a bare commit of one row takes there. Then
the case, with three acts a cell, is read and worked out.
"""

import argparse
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from core.access import accounts
from core.access.accounts import Account, Role
from core.cases import acts, readers, view
from core.cases.count import count, left
from core.cases.opening import add_image, open_case
from core.cases.record import text_of
from core.fields.find import FoundCell, FoundField
from core.prediction import CellRef, Prediction, Status
from core.records.cases.contents import Case, Place
from core.records.readings import NewReading
from core.records.schema import migrate
from core.records.store import Store
from core.taxonomy import KEYS

IMAGE = "ab" * 32
TURNS = 3  # acts a cell


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "app.db"
        migrate(f"sqlite:///{file}")
        store = Store(f"sqlite:///{file}")
        by = accounts.create(store, "reader", "", Role.CLINICIAN, secrets.token_urlsafe(16))
        case_id = fill(store, by, options.cells)
        bare = _bare_commits(Path(folder) / "bare.db", options.cells)
        seconds = [label_all(store, by, case_id, turn) for turn in range(TURNS)]
        many = label_at_once(store, by, case_id)
        report(options.cells, bare, seconds, many)
        report_reading(store, by, case_id, options.rounds)
        store.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cells", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=20)
    return parser.parse_args()


def fill(store: Store, by: Account, cells: int) -> int:
    """A case of one image with so many cells, begun to be read; its id."""
    found = [
        FoundCell((10.0 * n, 0.0, 10.0 * n + 8, 8.0), "wbc", 0.9, False, 12.0) for n in range(cells)
    ]
    ids = store.log([NewReading(_prediction(number), by.id) for number in range(cells)])
    field = FoundField(10 * cells, 480, 0.1, False, tuple(found))
    case_id = open_case(store, by, "S-1", "May-Grünwald-Giemsa", 200)
    add_image(store, by, case_id, "field.png", IMAGE, field, dict(enumerate(ids)))
    readers.begin(store, by, case_id, secrets.token_hex(16), Place.FIRST)
    return case_id


def _prediction(number: int) -> Prediction:
    label = KEYS[number % len(KEYS)]
    return Prediction(
        cell=CellRef(IMAGE, "field.png"),
        label=label,
        confidence=0.9,
        probabilities=dict.fromkeys(KEYS, 0.1),
        attributes={},
        reference_cells=(),
        prediction_set=(label,),
        status=Status.CONFIDENT,
        reason="",
        bundle="first",
        bundle_hash=None,
        profile=None,
        profile_hash=None,
        milliseconds=3.0,
    )


def label_all(store: Store, by: Account, case_id: int, version: int) -> float:
    """Seconds to label each cell by an act of its own."""
    ids = [cell.id for cell in view.read(store, by, case_id).cells]
    start = time.perf_counter()
    for cell in ids:
        acts.label(store, by, case_id, secrets.token_hex(16), {cell: version}, "neutrophil")
    return time.perf_counter() - start


def label_at_once(store: Store, by: Account, case_id: int) -> float:
    """Seconds to label all cells by one act."""
    ids = [cell.id for cell in view.read(store, by, case_id).cells]
    start = time.perf_counter()
    acts.label(store, by, case_id, secrets.token_hex(16), dict.fromkeys(ids, TURNS), "lymphocyte")
    return time.perf_counter() - start


def _bare_commits(file: Path, number: int) -> float:
    """Seconds of as many commits of one row, with the same promises to keep."""
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE acts (id INTEGER PRIMARY KEY, text TEXT)")
        start = time.perf_counter()
        for _ in range(number):
            database.execute("INSERT INTO acts (text) VALUES ('neutrophil')")
        return time.perf_counter() - start


def report(cells: int, bare: float, seconds: list[float], many: float) -> None:
    """Prints acts a second, and their ratio to bare commits."""
    print(f"{'':36}{'a second':>10}{'ms each':>10}{'ratio':>8}")
    print(f"{'bare commit of one row':36}{cells / bare:10.0f}{1000 * bare / cells:10.2f}{1:8.1f}")
    for turn, taken in enumerate(seconds, start=1):
        ms, ratio = 1000 * taken / cells, taken / bare
        name = f"act {turn} on each of {cells} cells"
        print(f"{name:36}{cells / taken:10.0f}{ms:10.2f}{ratio:8.1f}")
    print(f"{f'one act on {cells} cells':36}{1 / many:10.1f}{1000 * many:10.2f}")


def report_reading(store: Store, by: Account, case_id: int, rounds: int) -> None:
    """Prints how long it takes to read a case and to work out what it says."""
    case = view.read(store, by, case_id)
    print(f"\n{len(case.cells)} cells, {len(case.events):,} events, median of {rounds}")
    works: Mapping[str, Callable[[Case], object]] = {
        "read whole": lambda _: view.read(store, by, case_id),
        "count": count,
        "what is left": left,
        "record to sign": lambda one: text_of(one, 1, by, datetime.now(UTC), None, None),
    }
    for name, work in works.items():
        print(f"{name:36}{1000 * _median_s(lambda: work(case), rounds):10.1f} ms")  # noqa: B023


def _median_s(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


if __name__ == "__main__":
    main()
