"""The morphological attributes of white cells, written once: names, values and their words.

Names and values are those of the WBCAtt files.

Source: Tsutsui et al. 2023, WBCAtt: A White Blood Cell Dataset Annotated with Detailed
Morphological Attributes, NeurIPS Datasets and Benchmarks.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Observed:
    """What was seen of an attribute, and how probable that is, in [0, 1]."""

    value: str
    confidence: float


@dataclass(frozen=True)
class Attribute:
    """One thing that a haematologist looks at.

    Attributes:
        key: machine name, the column of the WBCAtt files.
        name: what a reader sees.
        of: what it is said of, e.g. "nucleus".
        words: what is said for each value; "" where the value says that there is none of it.
    """

    key: str
    name: str
    of: str
    words: Mapping[str, str]


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("cell_size", "Cell size", "cell", {"big": "large", "small": "small"}),
    Attribute("cell_shape", "Cell shape", "cell", {"irregular": "irregular", "round": "round"}),
    Attribute(
        "nucleus_shape",
        "Nucleus shape",
        "nucleus",
        {
            "irregular": "irregular",
            "segmented-bilobed": "segmented in two lobes",
            "segmented-multilobed": "segmented in several lobes",
            "unsegmented-band": "band-shaped",
            "unsegmented-indented": "indented",
            "unsegmented-round": "round",
        },
    ),
    Attribute(
        "nuclear_cytoplasmic_ratio",
        "Nuclear-cytoplasmic ratio",
        "nuclear-cytoplasmic ratio",
        {"high": "high", "low": "low"},
    ),
    Attribute(
        "chromatin_density",
        "Chromatin density",
        "chromatin",
        {"densely": "dense", "loosely": "loose"},
    ),
    Attribute(
        "cytoplasm_texture",
        "Cytoplasm texture",
        "cytoplasm",
        {"clear": "clear", "frosted": "frosted"},
    ),
    Attribute(
        "cytoplasm_colour",
        "Cytoplasm colour",
        "cytoplasm",
        {"blue": "blue", "light blue": "light blue", "purple blue": "purple blue"},
    ),
    Attribute("cytoplasm_vacuole", "Cytoplasm vacuole", "vacuoles", {"no": "", "yes": "present"}),
    Attribute("granularity", "Granularity", "granules", {"no": "", "yes": "present"}),
    Attribute(
        "granule_type",
        "Granule type",
        "granules",
        {"coarse": "coarse", "nil": "", "round": "round", "small": "small"},
    ),
    Attribute(
        "granule_colour",
        "Granule colour",
        "granules",
        {"nil": "", "pink": "pink", "purple": "purple", "red": "red"},
    ),
)

ATTRIBUTE_KEYS: tuple[str, ...] = tuple(attribute.key for attribute in ATTRIBUTES)
_BY_KEY = {attribute.key: attribute for attribute in ATTRIBUTES}


def attribute(key: str) -> Attribute:
    """The attribute of that key.

    Raises:
        KeyError: there is none.
    """
    return _BY_KEY[key]


def in_words(values: Mapping[str, str]) -> str:
    """For people, e.g. "nucleus segmented in two lobes, chromatin dense, granules round and red".

    Args:
        values: by attribute key; those that are not known are missing.
    """
    said: dict[str, list[str]] = {}
    for one in ATTRIBUTES:
        if one.key in values:
            said.setdefault(one.of, []).append(one.words[values[one.key]])
    return ", ".join(_phrase(of, words) for of, words in said.items())


def at_odds(values: Mapping[str, str]) -> set[str]:
    """The attributes that contradict each other: one says that there is none of what another has.

    Args:
        values: by attribute key, e.g. no granules, but red ones.
    """
    none: dict[str, set[bool]] = {}
    for key, value in values.items():
        none.setdefault(attribute(key).of, set()).add(attribute(key).words[value] == "")
    return {key for key in values if len(none[attribute(key).of]) > 1}


def seen_in_words(seen: Mapping[str, Observed]) -> str:
    """What was observed, as ``in_words`` says it; "" where nothing was."""
    return in_words({key: one.value for key, one in seen.items()})


def value_in_words(key: str, value: str) -> str:
    """One of them, e.g. "granules red"."""
    return in_words({key: value})


def _phrase(of: str, words: list[str]) -> str:
    if "" in words:  # where one attribute sees none of it, what another sees there is not said
        return f"no {of}"
    exact = [word for word in words if word != "present"] or words
    return f"{of} {' and '.join(exact)}"
