"""The decision rule as it ships: how much it accepts by itself, and how much of that is wrong.

Accepted are the predictions that are marked confident: nobody has to look at them. Of cells that
are none of the classes, what matters is how many are marked as they should be: a suspected blast
or abnormal cell referred, what is no cell rejected.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.evaluation.results import EvaluationResult
from core.prediction import Status
from core.shares import exact_limits
from core.taxonomy import ABNORMAL_KEYS, NO_CELL, OUTSIDE_KEYS


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """In [0, 1]; nan of none."""
        return self.count / self.of if self.of else float("nan")

    @property
    def limits(self) -> tuple[float, float]:
        """Exact 95% limits (Clopper and Pearson 1934); nan of none."""
        return exact_limits(self.count, self.of) if self.of else (float("nan"), float("nan"))


@dataclass(frozen=True)
class Outside:
    """What became of the cells of one kind outside the classes.

    Attributes:
        found: those that got the status that they should.
        accepted: those that were marked confident, as a class: nobody would have looked.
    """

    kind: str
    found: Share
    accepted: Share


@dataclass(frozen=True)
class Acceptance:
    """What the rule did on labelled cells.

    Attributes:
        coverage: the accepted of all cells of the classes.
        error: the wrong ones of those accepted.
        statuses: how many cells of the classes got each status, by code.
        outside: by kind, in the taxonomy's order; kinds without cells are left out.
        blasts: of all suspected blasts and abnormal cells those that were referred.
    """

    coverage: Share
    error: Share
    statuses: Mapping[str, int]
    outside: tuple[Outside, ...]
    blasts: Share


def acceptance(result: EvaluationResult) -> Acceptance:
    """The figures of the shipped rule on an evaluation."""
    samples = result.samples()
    accepted = samples[samples["status"] == Status.CONFIDENT]
    counts = Counter(result.statuses)
    by_kind = _by_kind(result)
    abnormal = [outside for outside in by_kind if outside.kind in ABNORMAL_KEYS]
    return Acceptance(
        coverage=Share(len(accepted), len(samples)),
        error=Share(int((~accepted["correct"]).sum()), len(accepted)),
        statuses={status: counts[status] for status in Status},
        outside=by_kind,
        blasts=Share(
            sum(one.found.count for one in abnormal), sum(one.found.of for one in abnormal)
        ),
    )


def _by_kind(result: EvaluationResult) -> tuple[Outside, ...]:
    found: dict[str, Counter[str]] = {}
    for cell in result.outside_cells:
        found.setdefault(cell.kind, Counter())[cell.status] += 1
    return tuple(
        Outside(
            kind,
            Share(of[_wanted(kind)], of.total()),
            Share(of[Status.CONFIDENT], of.total()),
        )
        for kind, of in sorted(found.items(), key=lambda item: OUTSIDE_KEYS.index(item[0]))
    )


def _wanted(kind: str) -> Status:
    return Status.REJECTED if kind == NO_CELL.key else Status.REFERRED


def acceptance_report(figures: Acceptance) -> dict[str, Any]:
    """Ready for ``json.dumps``; what is not defined is null."""
    return {
        "coverage": _share(figures.coverage),
        "error": _share(figures.error),
        "statuses": dict(figures.statuses),
        "blasts_referred": _share(figures.blasts),
        "outside": {
            one.kind: {"found": _share(one.found), "accepted": _share(one.accepted)}
            for one in figures.outside
        },
    }


def _share(share: Share) -> dict[str, Any]:
    known = share.of > 0
    return {
        "count": share.count,
        "of": share.of,
        "value": share.value if known else None,
        "interval": list(share.limits) if known else None,
    }
