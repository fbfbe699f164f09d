import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from core.taxonomy import CLASSES, KEYS, OUTSIDE, cell_class, is_known, subtype_name

# Machado, Oliveira and Fernandes 2009, IEEE TVCG 15(6):1291, severity 1.0, on linear RGB
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [  # sRGB primaries, D65
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
WHITE_XYZ = [0.95047, 1.0, 1.08883]
THEME = tomllib.loads(
    (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)["theme"]


def linear(colour: str) -> np.ndarray:
    encoded = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB."""
    xyz = np.array(TO_XYZ) @ np.clip(rgb, 0, 1) / WHITE_XYZ
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def luminance(colour: str) -> float:
    return float(np.array(TO_XYZ)[1] @ linear(colour))


@pytest.mark.parametrize("eyes", SEEN)
def test_class_colours_stay_apart(eyes):
    seen = {c.key: lab(np.array(SEEN[eyes]) @ linear(c.colour)) for c in CLASSES}
    apart = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(seen, 2)}
    nearest = min(apart, key=apart.__getitem__)
    assert apart[nearest] >= 15, nearest  # 2.3 is just noticeable side by side


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("key", KEYS)
def test_class_colours_stand_out_from_the_ground(key, ground):
    one, other = luminance(cell_class(key).colour), luminance(THEME[ground]["backgroundColor"])
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 3  # WCAG 2.2, 1.4.11


def test_theme_has_the_colours_of_the_classes():
    assert THEME["chartCategoricalColors"] == [c.colour for c in CLASSES]


def test_each_class_has_its_own_key_name_colour_and_glyph():
    for field in ("key", "name", "colour", "glyph", "symbol", "shortcut"):
        assert len({getattr(c, field) for c in CLASSES}) == len(CLASSES) == 8, field


def test_each_kind_has_a_key_of_the_keyboard_of_its_own():
    keys = [one.shortcut for one in (*CLASSES, *OUTSIDE)]
    assert all(len(key) == 1 and key == key.upper() for key in keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("known", CLASSES, ids=lambda one: one.key)
def test_a_class_has_all_facts(known):
    go.scatter.Marker(symbol=known.symbol)  # refuses what it cannot draw
    assert 0 < known.rarity <= 1
    assert known.white_cell == (known.reference_percent is not None)
    assert known.loinc or not known.white_cell


def test_a_class_is_found_by_key_name_and_alias_in_any_case():
    for name in ("ig", " IG ", "Immature granulocyte", "immature_granulocyte"):
        assert cell_class(name).key == "ig"
        assert is_known(name)


def test_unknown_class_is_an_error_that_lists_the_known():
    assert not is_known("blast")
    with pytest.raises(KeyError, match=r"blast.*basophil.*platelet"):
        cell_class("blast")


@pytest.mark.parametrize(
    ("key", "file_name", "subtype"),
    [
        ("neutrophil", "BNE_12.jpg", "Band neutrophil"),
        ("neutrophil", "sne_12.jpg", "Segmented neutrophil"),
        ("ig", "MMY_1.jpg", "Metamyelocyte"),
        ("ig", "MY_1.jpg", "Myelocyte"),
        ("monocyte", "MO_1.jpg", None),
        ("ig", "photo.jpg", None),
    ],
)
def test_subtype_is_read_from_the_prefix(key, file_name, subtype):
    assert subtype_name(key, file_name) == subtype


def test_reference_intervals_and_codes_are_of_white_cells():
    for c in CLASSES:
        if c.reference_percent is not None:
            low, high = c.reference_percent
            assert c.white_cell
            assert 0 <= low < high <= 100
