"""What a reader may call a cell of a case, and how it is counted.

What is a class or a kind outside the classes has its facts in the taxonomy; the finer forms that
people tell apart, and what no network says, stand here.

Sources:
    LOINC: methodless "per 100 leukocytes in blood" codes, https://loinc.org.
    Bands count as neutrophils: ICSH 2015, Palmer et al., Int J Lab Hematol 37:287.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.taxonomy import CLASSES, OUTSIDE, CellClass, OutsideKind, kind


class Counts(StrEnum):
    """Where a cell is counted."""

    WHITE = "white"  # a differential is of these
    BESIDE = "beside"  # per 100 white cells
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class CaseLabel:
    """What a cell may be called.

    Attributes:
        key: machine name.
        name: what a reader sees.
        shortcut: the keyboard's key that calls a cell so.
        counts_as: key of what it is in the plain differential.
        counts: where.
        loinc: code of "this per 100 leukocytes", None where there is none.
    """

    key: str
    name: str
    shortcut: str
    counts_as: str
    counts: Counts
    loinc: str | None = None


UNIDENTIFIED = "unidentified"
NOT_COUNTED = "not_counted"
_OUTSIDE_LOINC = {
    "blast": "26446-5",
    "atypical_lymphocyte": "13046-8",
    "smudge_cell": "34992-8",
}


def _class(one: CellClass) -> CaseLabel:
    # Platelets are not counted from cells.
    beside = Counts.NOWHERE if one.key == "platelet" else Counts.BESIDE
    counts = Counts.WHITE if one.white_cell else beside
    return CaseLabel(one.key, one.name, one.shortcut, one.key, counts, one.loinc)


def _outside(one: OutsideKind) -> CaseLabel:
    counts = Counts.WHITE if one.white_cell else Counts.BESIDE
    return CaseLabel(one.key, one.name, one.shortcut, one.key, counts, _OUTSIDE_LOINC.get(one.key))


LABELS: tuple[CaseLabel, ...] = (
    *map(_class, CLASSES),
    CaseLabel("band", "Band neutrophil", "9", "neutrophil", Counts.WHITE, "26508-2"),
    CaseLabel("metamyelocyte", "Metamyelocyte", "M", "ig", Counts.WHITE, "28541-1"),
    CaseLabel("myelocyte", "Myelocyte", "Y", "ig", Counts.WHITE, "26498-6"),
    CaseLabel("promyelocyte", "Promyelocyte", "P", "ig", Counts.WHITE, "26524-9"),
    *map(_outside, OUTSIDE),
    CaseLabel("plasma_cell", "Plasma cell", "L", "plasma_cell", Counts.WHITE, "13047-6"),
    # A white cell of some class: named later, it moves no other out of the count.
    CaseLabel(UNIDENTIFIED, "Unidentified", "0", UNIDENTIFIED, Counts.WHITE, "44095-8"),
    CaseLabel(NOT_COUNTED, "Not counted", "E", NOT_COUNTED, Counts.NOWHERE),
)
_BY_KEY = {one.key: one for one in LABELS}


def is_label(key: str) -> bool:
    """Whether a cell may be called so."""
    return key in _BY_KEY


def case_label(key: str) -> CaseLabel:
    """The label of that key, or of that alias of a class.

    Raises:
        KeyError: there is none.
    """
    return _BY_KEY[key] if key in _BY_KEY else _BY_KEY[kind(key).key]
