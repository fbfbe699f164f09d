"""The nuclei: each function draws one form as a spine for a cell of a given radius."""

import math
from collections.abc import Callable

import numpy as np

from core.dataset.synthetic.shapes import Floats, Spine

Nucleus = Callable[[np.random.Generator, float], Spine]


def _arc(rng: np.random.Generator, length: float, turn: float, n: int) -> Floats:
    """(n, 2) points on an arc of that length and turn (radians), centred, turned at random."""
    bend = length / max(turn, 1e-3)
    angles = np.linspace(-turn / 2, turn / 2, n)
    points = bend * np.stack([np.cos(angles) - 1, np.sin(angles)], axis=1)
    points -= (points.min(axis=0) + points.max(axis=0)) / 2
    start = rng.uniform(0, 2 * math.pi)
    turned = np.array([[math.cos(start), -math.sin(start)], [math.sin(start), math.cos(start)]])
    arc: Floats = (points @ turned.T).astype(np.float32)
    return arc


def _shift(rng: np.random.Generator, points: Floats, by_um: float) -> Floats:
    angle = rng.uniform(0, 2 * math.pi)
    return points + np.float32(by_um) * np.array([math.cos(angle), math.sin(angle)], np.float32)


def round_nucleus(
    rng: np.random.Generator, cell_um: float, share: float, off_centre: float
) -> Spine:
    """A round to oval nucleus.

    Args:
        rng: source of chance.
        cell_um: radius of the cell.
        share: radius of the nucleus in radii of the cell.
        off_centre: how far towards the edge it lies: 0 in the middle, 1 touching.
    """
    radius = cell_um * share * rng.normal(1, 0.03)
    oval = rng.uniform(0.02, 0.22) * radius
    points = _arc(rng, 2 * oval, 0.05, 5)
    room = max(cell_um - radius, 0.0)
    radii = np.full(5, radius - oval * 0.6, np.float32)
    return Spine(_shift(rng, points, room * off_centre), radii)


def kidney(rng: np.random.Generator, cell_um: float, share: float, notch: float) -> Spine:
    """A bean: a short thick arc. ``notch`` from 0.5 (dent) to 1.5 (deep)."""
    thick = cell_um * share * rng.normal(1, 0.05)
    points = _arc(rng, thick * (1.1 + 0.9 * notch), 1.5 + 0.9 * notch, 15)
    ends = 1 + 0.12 * np.cos(np.linspace(-math.pi, math.pi, 15) + math.pi) * rng.uniform(0.3, 1)
    room = max(cell_um - 1.9 * thick, 0.2)
    return Spine(_shift(rng, points, room * rng.uniform(0.2, 0.9)), (thick * ends).astype("f4"))


def band(rng: np.random.Generator, cell_um: float) -> Spine:
    """A horseshoe of even width: the band form of a neutrophil."""
    n = 30
    thick = cell_um * rng.uniform(0.23, 0.3)
    points = _arc(rng, cell_um * rng.uniform(1.7, 2.3), rng.uniform(2.4, 4.2), n)
    along = np.linspace(0, 1, n)
    waist = 1 - rng.uniform(0.05, 0.28) * np.sin(math.pi * along) ** 2
    knob = 1 + rng.normal(0, 0.08) * (along - 0.5)
    return Spine(_shift(rng, points, cell_um * 0.1), (thick * waist * knob).astype("f4"))


def segmented(
    rng: np.random.Generator, cell_um: float, lobes: int, lobe: float, bridge_um: float = 0.32
) -> Spine:
    """Lobes in a chain with thin bridges.

    Args:
        rng: source of chance.
        cell_um: radius of the cell.
        lobes: how many.
        lobe: radius of a lobe in radii of the cell.
        bridge_um: half the width of a bridge.
    """
    each = 12
    radius = cell_um * lobe
    length = lobes * radius * rng.uniform(2.4, 2.65)
    path = _arc(rng, length, min(length / rng.uniform(2.9, 3.6), 5.2), lobes * each)
    place = (np.arange(lobes * each) + 0.5) / each
    along = np.abs(place % 1 * 2 - 1)  # 0 amid a lobe, 1 between two
    between = np.where(np.abs(place - lobes / 2) < (lobes - 1) / 2, bridge_um, -1.0)
    size = np.repeat(rng.normal(1, 0.1, lobes), each)
    radii = np.where(along < rng.uniform(0.25, 0.4), radius * size, between)
    aside = np.repeat(rng.normal(0, 0.22 * radius, (lobes, 2)), each, axis=0)
    points = path + (aside * (1 - along[:, None] ** 2)).astype(np.float32)
    return Spine(_shift(rng, points, cell_um * 0.12), radii.astype(np.float32))


def neutrophil_segments(rng: np.random.Generator, cell_um: float) -> Spine:
    """Three to five lobes."""
    lobes = int(rng.choice([3, 4, 5], p=[0.5, 0.36, 0.14]))
    return segmented(rng, cell_um, lobes, {3: 0.31, 4: 0.27, 5: 0.24}[lobes])


def eosinophil_lobes(rng: np.random.Generator, cell_um: float) -> Spine:
    """Two lobes, seldom three, like a pair of spectacles."""
    lobes = int(rng.choice([2, 3], p=[0.8, 0.2]))
    return segmented(rng, cell_um, lobes, {2: 0.39, 3: 0.31}[lobes], 0.4)


def basophil_lobes(rng: np.random.Generator, cell_um: float) -> Spine:
    """Two or three lobes, broadly joined."""
    return segmented(rng, cell_um, int(rng.integers(2, 4)), 0.42, 1.0)


def monocyte_bean(rng: np.random.Generator, cell_um: float) -> Spine:
    """A large bean, dented or deeply folded."""
    return kidney(rng, cell_um, rng.uniform(0.46, 0.54), rng.uniform(0.3, 1.3))


def metamyelocyte_bean(rng: np.random.Generator, cell_um: float) -> Spine:
    """A bean with a shallow dent."""
    return kidney(rng, cell_um, rng.uniform(0.46, 0.52), rng.uniform(0.3, 0.8))


def rounded(low: float, high: float, off_centre: float) -> Nucleus:
    """Round nuclei whose share of the cell's radius lies between ``low`` and ``high``."""

    def draw(rng: np.random.Generator, cell_um: float) -> Spine:
        off = off_centre * rng.uniform(0.4, 1.0)
        return round_nucleus(rng, cell_um, rng.uniform(low, high), off)

    return draw
