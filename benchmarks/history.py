"""The history page on a million readings, with its indices and without.

    python -m benchmarks.history [--readings N] [--days N] [--rounds N]

Fills a database in a temporary folder, times each query of the page (least of the rounds) for
the last 30 days, for all time and for one person, drops the history's indices and times again.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from core.records import history
from core.records.history import rows as history_rows
from core.records.history.filter import HistoryFilter, Viewer
from core.records.schema import migrate
from core.records.store import Store
from core.records.tables import AccountRow, ReadingRow
from core.taxonomy import KEYS

PEOPLE = 50
INDICES = ("ix_readings_history", "ix_readings_own_history")
AIM_MS = 200
Query = Callable[[Store, Viewer, HistoryFilter], object]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "app.db"
        migrate(f"sqlite:///{file}")
        store = Store(f"sqlite:///{file}")
        seconds = _seconds(lambda: fill(store, options.readings, options.days))
        print(
            f"{options.readings:,} readings of {PEOPLE} people over {options.days} days: ", end=""
        )
        print(f"{file.stat().st_size / 1e6:,.0f} MB, filled in {seconds:.0f} s\n")
        indexed = measure(store, options.rounds)
        with store.write() as session:
            for index in INDICES:
                session.execute(text(f"DROP INDEX {index}"))
        report(indexed, measure(store, 1))
        store.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--readings", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def fill(store: Store, readings: int, days: int) -> None:
    """Writes readings evenly over the last days: one in six unsure, one in twenty labelled."""
    people = [
        {"username": f"user{i}", "display_name": "", "role": "clinician", "password_hash": ""}
        for i in range(PEOPLE)
    ]
    with store.write() as session:
        session.execute(insert(AccountRow), people)
        rows = _rows(readings, timedelta(days=days))
        while batch := [row for row, _ in zip(rows, range(10_000), strict=False)]:
            session.execute(insert(ReadingRow), batch)


def _rows(readings: int, span: timedelta) -> Iterator[dict[str, Any]]:
    rng = random.Random(0)
    start = datetime.now(UTC) - span
    for i in range(readings):
        label, confidence = rng.choice(KEYS), 1 - 0.6 * rng.random() ** 4
        person = rng.choice([label, label, label, *KEYS]) if rng.random() < 0.05 else None
        yield {
            "created_at": start + span * (i / readings),
            "account_id": rng.randint(1, PEOPLE),
            "source": "page",
            "image_name": f"smear_{i}.jpg",
            "image_hash": f"{i:064x}",
            "bundle": f"bundle-{i * 4 // readings}",
            "label": label,
            "confidence": confidence,
            "probabilities": dict.fromkeys(KEYS, (1 - confidence) / 7) | {label: confidence},
            "status": "review" if confidence < 0.7 else "confident",
            "reason": "The likeliest class is sure enough.",
            "milliseconds": rng.uniform(2, 40),
            "person_label": person,
        }


def measure(store: Store, rounds: int) -> dict[tuple[str, str], float]:
    """Milliseconds of each query of the page, by view and query."""
    month = HistoryFilter(since=datetime.now(UTC).date() - timedelta(days=29))
    admin, clinician = Viewer("admin", 1), Viewer("clinician", 7)
    views = {
        "last 30 days": (admin, month),
        "all time": (admin, HistoryFilter()),
        "one person, all time": (clinician, HistoryFilter()),
    }
    times: dict[tuple[str, str], float] = {}
    for view, (viewer, chosen) in views.items():
        pages = history.totals(store, viewer, chosen).readings // 25
        for name, query in _queries(viewer, pages).items():
            taken = [_seconds(lambda: query(store, viewer, chosen)) for _ in range(rounds)]  # noqa: B023
            times[view, name] = 1000 * min(taken)
    return times


def _queries(viewer: Viewer, pages: int) -> dict[str, Query]:
    people: dict[str, Query] = {"by person": history.by_user} if viewer.compares_people else {}
    return {
        "tiles": history.totals,
        "over time": history.by_day,
        "confidence": history.by_confidence,
        "corrections": history.corrections,
        "by bundle": history.by_bundle,
        **people,
        "first page": history_rows.newest,
        "last page": lambda s, v, f: history_rows.newest(s, v, f, page=pages),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(indexed: dict[tuple[str, str], float], plain: dict[tuple[str, str], float]) -> None:
    """Prints both times, their ratio, and whether the aim is met."""
    print(f"{'':22}{'query':14}{'indexed':>10}{'without':>10}{'ratio':>8}   under {AIM_MS} ms")
    for (view, query), ms in indexed.items():
        without = plain[view, query]
        print(f"{view:22}{query:14}{ms:7.0f} ms{without:7.0f} ms{without / ms:7.1f}x", end="   ")
        print("yes" if ms < AIM_MS else "no")
    ratio = statistics.geometric_mean(plain[key] / indexed[key] for key in indexed)
    print(f"\nGeometric mean of the ratios: {ratio:.1f}x")


if __name__ == "__main__":
    main()
