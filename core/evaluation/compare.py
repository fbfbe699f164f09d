"""Is one bundle better than another on the same images, for which classes, and on which cells?

    comparison = compare(result_a, result_b)
    comparison.overall.difference, comparison.overall.p_value
    comparison.by_class["monocyte"].gained
    comparison.changed()

Both bundles predicted the same cells, so the cells are compared one by one: where both are right or
both are wrong nothing tells them apart, and only the others count.

Sources: McNemar 1947, Psychometrika 12:153, as the exact binomial test; Bonett and Price 2012,
Journal of Educational and Behavioral Statistics 37:479, for the interval, which Fagerland, Lydersen
and Laake 2014, Statistics in Medicine 33:2850, recommend. It has a width also where no cell changed
sides, which resampling would call certainty.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from core.errors import ComparisonError
from core.evaluation.metrics import Estimate
from core.evaluation.results import EvaluationResult
from core.taxonomy import KEYS

_PREDICTION = ["predicted", "confidence", "correct"]
_Z = float(norm.ppf(0.975))


@dataclass(frozen=True)
class Paired:
    """How often A and B were right on the same cells.

    Attributes:
        n: cells, at least one.
        both_right: those that both had right.
        gained: those that only B had right.
        lost: those that only A had right.
    """

    n: int
    both_right: int
    gained: int
    lost: int

    @property
    def right_a(self) -> float:
        """Share that A had right, in [0, 1]: its accuracy; of the cells of a class, its recall."""
        return (self.both_right + self.lost) / self.n

    @property
    def right_b(self) -> float:
        """The same of B."""
        return (self.both_right + self.gained) / self.n

    @property
    def difference(self) -> Estimate:
        """``right_b - right_a`` in [-1, 1] with its paired 95% interval.

        Source: Bonett and Price 2012: a Wald interval after one cell more on either side.
        """
        gained, lost = (self.gained + 1) / (self.n + 2), (self.lost + 1) / (self.n + 2)
        middle = gained - lost
        half = _Z * math.sqrt((gained + lost - middle**2) / (self.n + 2))
        value = (self.gained - self.lost) / self.n
        return Estimate(value, max(-1.0, middle - half), min(1.0, middle + half))

    @property
    def p_value(self) -> float:
        """McNemar's, exact and two-sided: how often chance alone parts them this far or further.

        Source: McNemar 1947; were neither better, a cell that only one has right would be A's or
        B's like a coin's two sides.
        """
        sides = self.gained + self.lost
        return float(binomtest(self.gained, sides, 0.5).pvalue) if sides else 1.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two bundles on the cells that both have read.

    Attributes:
        cells: one row a cell: path, subtype, true, and of each of the two predicted_a,
            confidence_a, correct_a, predicted_b, confidence_b, correct_b.
        left_out: images of the split that not both have read.
    """

    cells: pd.DataFrame
    left_out: int

    @cached_property
    def overall(self) -> Paired:
        """All cells: the shares are accuracies."""
        return _paired(self.cells)

    @cached_property
    def by_class(self) -> dict[str, Paired]:
        """By true class, those with cells, in the taxonomy's order: the shares are recalls."""
        groups = dict(list(self.cells.groupby("true")))
        return {key: _paired(groups[key]) for key in KEYS if key in groups}

    def changed(self) -> pd.DataFrame:
        """The cells that changed sides, those that B is surest of first.

        The columns of ``cells``, with ``change``: "gained" (only B is right), "lost" (only A is)
        or "changed" (both are wrong, each with another class). B's prediction stands as
        ``predicted``, ``confidence`` and ``correct``, too, so that the rows can be drawn like
        ``EvaluationResult.samples``.
        """
        cells = self.cells
        sides = [cells["correct_b"] & ~cells["correct_a"], cells["correct_a"] & ~cells["correct_b"]]
        change = np.select(sides, ["gained", "lost"], "changed")
        table = cells.assign(change=change, **{name: cells[f"{name}_b"] for name in _PREDICTION})
        table = table[table["predicted_a"] != table["predicted_b"]]
        table = table.sort_values(["confidence", "path"], ascending=[False, True])
        return table.reset_index(drop=True)


def compare(a: EvaluationResult, b: EvaluationResult) -> Comparison:
    """Sets B against A, cell by cell; classes are told by key, whatever their order.

    Raises:
        ComparisonError: they are not of the same split of the same images, or share none.
    """
    if (a.data_fingerprint, a.split) != (b.data_fingerprint, b.split):
        raise ComparisonError(
            f"{a.bundle} and {b.bundle} were not evaluated on the same images. Evaluate both on "
            "the same split of the same data set."
        )
    of_a = a.samples()[["path", "subtype", "true", *_PREDICTION]]
    of_b = b.samples()[["path", *_PREDICTION]]
    cells = of_a.merge(of_b, on="path", suffixes=("_a", "_b"), validate="one_to_one")
    if cells.empty:
        raise ComparisonError(
            f"{a.bundle} and {b.bundle} have no image of the {a.split} split in common. Choose "
            "another split, or a model that was trained with the same split seed."
        )
    unreadable = {path for path, _ in (*a.unreadable, *b.unreadable)}
    images = unreadable.union(a.sample_ids, b.sample_ids)
    return Comparison(cells, left_out=len(images) - len(cells))


def _paired(cells: pd.DataFrame) -> Paired:
    a, b = cells["correct_a"], cells["correct_b"]
    return Paired(len(cells), int((a & b).sum()), int((b & ~a).sum()), int((a & ~b).sum()))
