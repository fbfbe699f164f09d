"""One cell from its look: cytoplasm, nucleus, granules and vacuoles laid over each other."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.dataset.synthetic import shapes
from core.dataset.synthetic.looks import Chromatin, Look
from core.dataset.synthetic.shapes import Floats, Patch
from core.dataset.synthetic.stain import Rgb, density, mix

_RED_CELL: Rgb = (202, 161, 164)


@dataclass(frozen=True)
class Cell:
    """A drawn cell, ready to be laid on a smear.

    Attributes:
        density: (n, n, 3) optical densities.
        alpha: (n, n) how much of each pixel the cell takes, [0, 1].
    """

    density: Floats
    alpha: Floats

    @cached_property
    def reach_px(self) -> float:
        """The distance from the centre to the farthest pixel of the body."""
        rows, columns = np.nonzero(self.alpha >= 0.5)
        centre = self.alpha.shape[0] // 2
        return float(np.hypot(rows - centre, columns - centre).max())


def draw_cell(look: Look, rng: np.random.Generator, px_per_um: float) -> Cell:
    """One cell of that look."""
    radius = look.diameter_um[0] / 2 + rng.normal(0, look.diameter_um[1] / 2)
    radius = max(radius, 0.7 * look.diameter_um[0] / 2)
    patch = Patch.around(radius * (1.2 + 1.5 * look.wobble), px_per_um)
    body = shapes.blob(patch, rng, radius, look.wobble)
    body += 0.09 * shapes.noise(rng, patch.shape, 0.55 * px_per_um)
    layers = _cytoplasm(look, rng, patch, body)
    in_nucleus = np.zeros(patch.shape, np.float32)
    if look.nucleus is not None:
        nucleus = shapes.tube(patch, look.nucleus(rng, radius))
        nucleus = nucleus + 0.07 * shapes.noise(rng, patch.shape, 0.8 * px_per_um)
        nucleus = np.minimum(nucleus, body - np.float32(0.25))
        in_nucleus = shapes.coverage(nucleus, px_per_um, soft_px=1.6)
        inside = _chromatin(look.chromatin, rng, patch, nucleus)
        layers += (inside - layers) * in_nucleus[..., None]
    layers = _granules(look, rng, patch, body, in_nucleus, layers)
    holes = _vacuoles(look, rng, patch) * (body > 0.4) * (1 - in_nucleus)
    layers *= 1 - holes[..., None]
    return Cell(layers, shapes.coverage(body, px_per_um, soft_px=1.5))


def _cytoplasm(look: Look, rng: np.random.Generator, patch: Patch, body: Floats) -> Floats:
    pale, deep = (density(rgb) for rgb in look.cytoplasm)
    base = pale + (deep - pale) * np.float32(rng.random())
    uneven = 1 + look.mottle * shapes.noise(rng, patch.shape, 0.45 * patch.px_per_um)
    uneven += 0.05 * shapes.noise(rng, patch.shape, 0.8)
    uneven += 0.6 * look.mottle * shapes.noise(rng, patch.shape, 1.6 * patch.px_per_um)
    uneven += look.rim * np.exp(-np.clip(body, 0, None) / np.float32(0.35))
    layers: Floats = base * uneven[..., None]
    return layers


def _chromatin(look: Chromatin, rng: np.random.Generator, patch: Patch, nucleus: Floats) -> Floats:
    grain = look.grain_um * patch.px_per_um
    clumps = shapes.clumps(rng, patch.shape, 1.5 * grain, 1 - look.open)
    veil = 0.16 * shapes.noise(rng, patch.shape, 0.9)
    veil += 0.22 * shapes.noise(rng, patch.shape, 2.5 * grain)
    membrane = np.exp(-((nucleus - np.float32(0.2)) ** 2) / np.float32(0.03))
    share = np.clip(0.75 * clumps + veil + 0.08 + 0.4 * membrane, -0.1, 1.1)
    return mix(density(look.light), density(look.dark), share)


def _granules(
    look: Look,
    rng: np.random.Generator,
    patch: Patch,
    body: Floats,
    in_nucleus: Floats,
    layers: Floats,
) -> Floats:
    for kind in look.granules:
        grains = shapes.dots(
            rng, patch.shape, kind.size_um * patch.px_per_um, rng.uniform(*kind.share)
        )
        grains = grains * (1 - (1 - kind.over_nucleus) * in_nucleus)
        grains *= shapes.coverage(body - np.float32(0.2), patch.px_per_um, soft_px=3)
        layers = layers + (density(kind.colour) - layers) * grains[..., None]
    return layers


def _vacuoles(look: Look, rng: np.random.Generator, patch: Patch) -> Floats:
    holes = np.zeros(patch.shape, np.float32)
    reach = float(patch.x.max()) * 0.85
    for _ in range(int(rng.integers(look.vacuoles[0], look.vacuoles[1] + 1))):
        angle, out = rng.uniform(0, 2 * math.pi), reach * math.sqrt(rng.uniform(0.2, 0.8))
        x, y = np.float32(out * math.cos(angle)), np.float32(out * math.sin(angle))
        hole = np.float32(rng.uniform(0.35, 1.0)) - np.hypot(patch.x - x, patch.y - y)
        holes = np.maximum(holes, 0.9 * shapes.coverage(hole, patch.px_per_um, soft_px=2.5))
    return holes


def draw_red_cell(
    rng: np.random.Generator, px_per_um: float, radius_um: float, pallor: float, crenated: float
) -> Cell:
    """A red cell: no nucleus, paler in the middle.

    Args:
        rng: source of chance.
        px_per_um: scale.
        radius_um: mean radius.
        pallor: how pale the middle is, 0 (not) to 1 (as the background).
        crenated: the share of red cells with a scalloped outline.
    """
    patch = Patch.around(radius_um * 1.35, px_per_um)
    stretch, angle = rng.uniform(1.0, 1.1), rng.uniform(0, math.pi)
    cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    turned = Patch(
        (patch.x * cos + patch.y * sin) * np.float32(stretch),
        (patch.y * cos - patch.x * sin) * np.float32(1 / stretch),
        px_per_um,
    )
    inside = shapes.blob(turned, rng, radius_um, 0.05)
    hollow = radius_um * rng.uniform(0.3, 0.5)
    middle = shapes.coverage(inside - np.float32(radius_um - hollow), 0.8)
    depth = 1 - np.float32(pallor * rng.uniform(0.7, 1.1)) * middle
    depth += np.float32(0.12) * np.exp(-((inside - np.float32(0.3)) ** 2) / np.float32(0.08))
    depth *= np.float32(rng.normal(1, 0.06))
    if rng.random() < crenated:
        waves = int(rng.integers(9, 14)) * np.arctan2(turned.y, turned.x)
        inside += np.float32(0.17) * np.cos(waves)
    return Cell(density(_RED_CELL) * depth[..., None], shapes.coverage(inside, px_per_um, 1.8))
