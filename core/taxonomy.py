"""The cell classes, written once: every list, colour and code on screen comes from here.

Sources:
    Class folders and file-name prefixes: Acevedo et al. 2020, Data in Brief 30:105474.
    Adult reference intervals in per cent of white cells: Davis / ARUP adult differential.
    LOINC: methodless "per 100 leukocytes in blood" codes, https://loinc.org.
    Colours: searched for, starting from Okabe and Ito 2008: the smallest CIE 1976 difference
        between two classes is 19, also as seen with a missing cone (Machado et al. 2009);
        contrast is at least 3:1 on the light and on the dark ground (WCAG 2.2, 1.4.11).
"""

from dataclasses import dataclass

RESEARCH_USE = "For research use only. Not for use in diagnostic procedures."


@dataclass(frozen=True)
class Subtype:
    """A finer label that the data set carries in its file names, e.g. ``BNE_1234.jpg``."""

    prefix: str
    name: str


@dataclass(frozen=True)
class CellClass:
    """One of the classes that a network tells apart.

    Attributes:
        key: machine name; folder name in the data set and label in every file and prediction.
        name: what a reader sees.
        colour: hex, the same in every chart.
        glyph: one character, so that the class is told by more than its colour.
        symbol: plotly's name of the glyph, for charts.
        shortcut: the keyboard's key that gives a cell this class.
        white_cell: counted in a differential (erythroblasts and platelets are not).
        rarity: how often it is met in images of blood cells, against the common ones' 1:
            erythroblasts and immature granulocytes hardly ever stand in healthy adults' blood,
            and platelets are seldom cut out one by one.
        loinc: code of "this class per 100 leukocytes", None where there is none.
        reference_percent: adult interval in per cent of white cells, None where not given.
    """

    key: str
    name: str
    colour: str
    glyph: str
    symbol: str
    shortcut: str
    white_cell: bool
    rarity: float
    loinc: str | None = None
    reference_percent: tuple[float, float] | None = None
    subtypes: tuple[Subtype, ...] = ()
    aliases: tuple[str, ...] = ()


CLASSES: tuple[CellClass, ...] = (
    CellClass(
        key="basophil",
        name="Basophil",
        colour="#774CD7",
        glyph="◆",
        symbol="diamond",
        shortcut="1",
        white_cell=True,
        rarity=1.0,
        loinc="30180-4",
        reference_percent=(0.0, 1.0),
    ),
    CellClass(
        key="eosinophil",
        name="Eosinophil",
        colour="#AC450B",
        glyph="▲",
        symbol="triangle-up",
        shortcut="2",
        white_cell=True,
        rarity=1.0,
        loinc="26450-7",
        reference_percent=(0.0, 5.5),
    ),
    CellClass(
        key="erythroblast",
        name="Erythroblast",
        colour="#BA7DAE",
        glyph="⬟",
        symbol="pentagon",
        shortcut="3",
        white_cell=False,
        rarity=0.05,
        loinc="19048-8",
    ),
    CellClass(
        key="ig",
        name="Immature granulocyte",
        colour="#C18201",
        glyph="★",
        symbol="star",
        shortcut="4",
        white_cell=True,
        rarity=0.15,
        loinc="38518-7",
        reference_percent=(0.0, 0.9),
        subtypes=(
            Subtype("PMY", "Promyelocyte"),
            Subtype("MY", "Myelocyte"),
            Subtype("MMY", "Metamyelocyte"),
            Subtype("IG", "Immature granulocyte, stage not given"),
        ),
        aliases=(
            "immature granulocyte",
            "immature_granulocyte",
            "immature granulocytes",
            "myelocyte",
            "metamyelocyte",
        ),
    ),
    CellClass(
        key="lymphocyte",
        name="Lymphocyte",
        colour="#59945D",
        glyph="■",
        symbol="square",
        shortcut="5",
        white_cell=True,
        rarity=1.0,
        loinc="26478-8",
        reference_percent=(12.0, 44.0),
    ),
    CellClass(
        key="monocyte",
        name="Monocyte",
        colour="#0099E6",
        glyph="▼",
        symbol="triangle-down",
        shortcut="6",
        white_cell=True,
        rarity=1.0,
        loinc="26485-3",
        reference_percent=(4.0, 9.0),
    ),
    CellClass(
        key="neutrophil",
        name="Neutrophil",
        colour="#4B5EA7",
        glyph="●",
        symbol="circle",
        shortcut="7",
        white_cell=True,
        rarity=1.0,
        loinc="26511-6",
        reference_percent=(40.0, 75.0),
        subtypes=(
            Subtype("BNE", "Band neutrophil"),
            Subtype("SNE", "Segmented neutrophil"),
            Subtype("NEUTROPHIL", "Neutrophil, form not given"),
        ),
        aliases=("neutrophil_band", "neutrophil_segmented"),
    ),
    CellClass(
        key="platelet",
        name="Platelet",
        colour="#6E7069",
        glyph="✚",
        symbol="cross",
        shortcut="8",
        white_cell=False,
        rarity=0.05,
    ),
)


@dataclass(frozen=True)
class OutsideKind:
    """What is none of the eight classes: a network may learn to tell it, never to name it.

    Attributes:
        key: machine name; folder name in a data set.
        shortcut: the keyboard's key that says it of a cell.
        abnormal: a cell that a haematologist must see: predictions that may be one are referred.
        white_cell: counted among the white cells of a differential; a burst one is not (ICSH 2015).
        aliases: other names of folders. A promyelocyte in a folder of its own comes from a
            set of abnormal cells; PBC counts its promyelocytes among the immature granulocytes.
    """

    key: str
    name: str
    shortcut: str
    abnormal: bool
    white_cell: bool
    aliases: tuple[str, ...] = ()
    colour: str = "#8A7F88"  # readable on both grounds: for what is no class
    glyph: str = "○"


NO_CELL = OutsideKind("no_cell", "Not a cell / artefact", "X", abnormal=False, white_cell=False)
OUTSIDE: tuple[OutsideKind, ...] = (
    OutsideKind(
        "blast",
        "Blast",
        "B",
        abnormal=True,
        white_cell=True,
        aliases=("myeloblast", "monoblast", "lymphoblast", "promyelocyte", "promyelocyte_bilobed"),
    ),
    OutsideKind(
        "atypical_lymphocyte",
        "Atypical lymphocyte",
        "A",
        abnormal=True,
        white_cell=True,
        aliases=("lymphocyte_atypical",),
    ),
    OutsideKind("smudge_cell", "Smudge cell", "S", abnormal=True, white_cell=False),
    NO_CELL,
)

KEYS: tuple[str, ...] = tuple(c.key for c in CLASSES)
OUTSIDE_KEYS: tuple[str, ...] = tuple(kind.key for kind in OUTSIDE)
ABNORMAL_KEYS: frozenset[str] = frozenset(kind.key for kind in OUTSIDE if kind.abnormal)
_OUTSIDE_BY_NAME = {name: kind for kind in OUTSIDE for name in (kind.key, *kind.aliases)}
_BY_NAME = {n.lower(): c for c in CLASSES for n in (c.key, c.name, *c.aliases)}


def cell_class(name: str) -> CellClass:
    """The class of that key, display name or alias, whatever its case.

    Raises:
        KeyError: no such class; the message lists those there are.
    """
    try:
        return _BY_NAME[name.strip().lower()]
    except KeyError:
        raise KeyError(f"Unknown cell class {name!r}. Known: {', '.join(KEYS)}.") from None


def is_known(name: str) -> bool:
    """Whether ``cell_class(name)`` knows it."""
    return name.strip().lower() in _BY_NAME


def subtype_name(key: str, file_name: str) -> str | None:
    """The subtype that a file name's prefix gives, e.g. ``BNE_12.jpg`` → "Band neutrophil"."""
    prefix = file_name.split("_", 1)[0].upper()
    return next((s.name for s in cell_class(key).subtypes if s.prefix == prefix), None)


def kind(key: str) -> CellClass | OutsideKind:
    """The class, or the kind outside the classes, of that key: whatever a prediction may be.

    Raises:
        KeyError: neither.
    """
    return cell_class(key) if is_known(key) else _OUTSIDE_BY_NAME[key]


def is_kind(key: str) -> bool:
    """Whether ``kind(key)`` knows it."""
    return is_known(key) or key in _OUTSIDE_BY_NAME


def outside_kind(name: str) -> OutsideKind | None:
    """The kind outside the classes of that key or folder name; None where there is none."""
    return _OUTSIDE_BY_NAME.get(name.strip().lower())
