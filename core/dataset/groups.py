"""Which images of a catalogue belong together, and what was found out about that before."""

import json
from collections.abc import Iterator

import pandas as pd

from core.dataset.duplicates import PAIR, find_pairs
from core.parallel import Progress


def add_groups(
    table: pd.DataFrame, known: pd.DataFrame | None, progress: Progress | None = None
) -> None:
    """Adds the columns ``group``, ``view`` and ``pairs`` to a catalogue's table.

    Args:
        known: the table as it was; what was compared for it is not compared again.
        progress: called with images compared and to compare.
    """
    usable = table[table["problem"].isna()]
    before = usable.iloc[:0] if known is None else known[known["problem"].isna()]
    contents = set(usable["sha256"])
    kept = pd.DataFrame(_kept(before, contents), columns=PAIR) if len(before) else None
    fresh = find_pairs(usable, set(before["sha256"]), progress)
    pairs = fresh if kept is None or kept.empty else pd.concat([kept, fresh])
    same_cell = pairs[pairs["cell"].astype(bool)]
    table["group"] = _named(usable, same_cell).reindex(table.index)
    table["view"] = _named(usable, pairs).reindex(table.index)
    table["pairs"] = _told(usable, pairs).reindex(table.index)


def _kept(known: pd.DataFrame, contents: set[str]) -> Iterator[tuple[str, str, bool]]:
    """The pairs of an earlier table of which both are still there."""
    for a, told in known.drop_duplicates("sha256")[["sha256", "pairs"]].itertuples(index=False):
        yield from ((a, b, cell) for b, cell in json.loads(told) if {a, b} <= contents)


def _told(usable: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """For each image the contents that its own is a pair with, as JSON."""
    of: dict[str, list[tuple[str, bool]]] = {name: [] for name in usable["sha256"]}
    for a, b, cell in pairs[PAIR].itertuples(index=False, name=None):
        of[a].append((b, bool(cell)))
    return usable["sha256"].map({name: json.dumps(others) for name, others in of.items()})


def _named(images: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """For each image the smallest content hash of all that pairs lead to from its own."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while name in above:
            name = above[name]
        return name

    for left, right in zip(pairs["a"], pairs["b"], strict=True):
        first, second = sorted((root(left), root(right)))
        if first != second:
            above[second] = first
    return images["sha256"].map({name: root(name) for name in images["sha256"]})
