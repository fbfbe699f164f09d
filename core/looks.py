"""How the classes look: which values of the morphological attributes go with which class.

Source: shares in the training rows of WBCAtt (Tsutsui et al. 2023, 6,169 cells), typical from one
cell in ten on, impossible under one in a hundred; less strict where textbooks know exceptions
(Bain 2015, Blood Cells: A Practical Guide, 5th edition, chapter 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Fit = Literal["typical", "compatible", "impossible"]


@dataclass(frozen=True)
class Look:
    """Which values of a morphological attribute go with a class; those named in neither may."""

    typical: tuple[str, ...]
    impossible: tuple[str, ...] = ()


_BAND, _TWO, _MORE = "unsegmented-band", "segmented-bilobed", "segmented-multilobed"
_ROUND, _INDENTED, _IRREGULAR = "unsegmented-round", "unsegmented-indented", "irregular"
_GRANULOCYTE = {
    "nuclear_cytoplasmic_ratio": Look(("low",), ("high",)),
    "chromatin_density": Look(("densely",)),
    "cytoplasm_texture": Look(("clear",), ("frosted",)),
    "cytoplasm_colour": Look(("light blue",), ("blue", "purple blue")),
    "cytoplasm_vacuole": Look(("no",)),
    "granularity": Look(("yes",), ("no",)),
}
# A large granular lymphocyte has a few red-purple granules, a monocyte fine pink ones.
_AGRANULOCYTE = {
    "cytoplasm_texture": Look(("clear", "frosted")),
    "granularity": Look(("no",)),
    "granule_type": Look(("nil",), ("coarse", "round")),
    "granule_colour": Look(("nil",), ("red",)),
}

MORPHOLOGY: Mapping[str, Mapping[str, Look]] = {
    "basophil": {
        **_GRANULOCYTE,
        "cell_size": Look(("small", "big")),
        "cell_shape": Look(("round", "irregular")),
        "nucleus_shape": Look((_IRREGULAR, _TWO, _MORE)),
        "granule_type": Look(("coarse",), ("small", "round", "nil")),
        "granule_colour": Look(("purple",), ("pink", "red", "nil")),
    },
    "eosinophil": {
        **_GRANULOCYTE,
        "cell_size": Look(("big", "small")),
        "cell_shape": Look(("round",)),
        "nucleus_shape": Look((_TWO, _MORE, _BAND), (_IRREGULAR, _ROUND, _INDENTED)),
        "granule_type": Look(("round",), ("small", "coarse", "nil")),
        "granule_colour": Look(("red",), ("pink", "purple", "nil")),
    },
    "lymphocyte": {
        **_AGRANULOCYTE,
        "cell_size": Look(("small",)),  # but a reactive one is large
        "cell_shape": Look(("round", "irregular")),
        "nucleus_shape": Look((_ROUND, _INDENTED), (_BAND, _TWO, _MORE)),
        "nuclear_cytoplasmic_ratio": Look(("high",)),
        "chromatin_density": Look(("densely",)),
        "cytoplasm_colour": Look(("blue", "purple blue")),
        "cytoplasm_vacuole": Look(("no",)),
    },
    "monocyte": {
        **_AGRANULOCYTE,
        "cell_size": Look(("big", "small")),
        "cell_shape": Look(("irregular", "round")),
        "nucleus_shape": Look((_INDENTED, _IRREGULAR), (_BAND, _MORE)),
        "nuclear_cytoplasmic_ratio": Look(("low",)),
        "chromatin_density": Look(("loosely", "densely")),
        "cytoplasm_colour": Look(("blue", "purple blue")),
        "cytoplasm_vacuole": Look(("no", "yes")),
    },
    "neutrophil": {
        **_GRANULOCYTE,
        "cell_size": Look(("big", "small")),
        "cell_shape": Look(("round", "irregular")),
        "nucleus_shape": Look((_BAND, _TWO, _MORE), (_IRREGULAR, _ROUND, _INDENTED)),
        "granule_type": Look(("small",), ("round", "coarse", "nil")),
        "granule_colour": Look(("pink",), ("red", "nil")),  # toxic granules are purple
    },
}


def fit(key: str, attribute: str, value: str) -> Fit:
    """How an attribute's value goes with a class; all go with a class that has no table."""
    look = MORPHOLOGY.get(key, {}).get(attribute)
    if look is None:
        return "compatible"
    if value in look.typical:
        return "typical"
    return "impossible" if value in look.impossible else "compatible"


def typical_of(attribute: str, value: str) -> tuple[str, ...]:
    """The classes that this value is typical of."""
    return tuple(key for key in MORPHOLOGY if fit(key, attribute, value) == "typical")
