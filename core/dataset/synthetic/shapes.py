"""Outlines and textures: signed distances in micrometres, noise in unit deviations."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.special import ndtri

Floats = NDArray[np.float32]
HALF = np.float32(0.5)


@dataclass(frozen=True)
class Patch:
    """A square piece of the smear around one cell.

    Attributes:
        x, y: (n, n) distance from the centre in micrometres.
        px_per_um: how many pixels a micrometre takes.
    """

    x: Floats
    y: Floats
    px_per_um: float

    @classmethod
    def around(cls, radius_um: float, px_per_um: float) -> "Patch":
        """The patch that reaches ``radius_um`` from its centre; n is odd."""
        half = math.ceil(radius_um * px_per_um)
        axis = np.arange(-half, half + 1, dtype=np.float32) / np.float32(px_per_um)
        x, y = np.meshgrid(axis, axis)
        return cls(x, y, px_per_um)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, n)."""
        return self.x.shape[0], self.x.shape[1]


@dataclass(frozen=True)
class Spine:
    """A row of overlapping discs: how every nucleus is built, round, bent or lobed.

    Attributes:
        points: (n, 2) disc centres, micrometres from the cell's centre.
        radii: (n,) micrometres.
    """

    points: Floats
    radii: Floats


def blob(patch: Patch, rng: np.random.Generator, radius_um: float, wobble: float) -> Floats:
    """How deep each pixel lies inside a wobbly disc, (n, n), micrometres, negative outside."""
    angle = np.arctan2(patch.y, patch.x)
    edge = np.ones(patch.shape, np.float32)
    for waves in range(2, 7):
        size, phase = wobble * rng.normal() / waves, rng.uniform(0, 2 * math.pi)
        edge += np.float32(size) * np.cos(waves * angle + np.float32(phase))
    return np.float32(radius_um) * edge - np.hypot(patch.x, patch.y)


def tube(patch: Patch, spine: Spine) -> Floats:
    """How deep each pixel lies inside a spine, (n, n), micrometres, negative outside.

    Taken at every third pixel and enlarged: the distance is smooth, the discs are many.
    """
    step = 3
    x, y = patch.x[::step, ::step, None], patch.y[::step, ::step, None]
    inside = spine.radii - np.hypot(x - spine.points[:, 0], y - spine.points[:, 1])
    return enlarge(inside.max(axis=2), patch.shape, step)


def enlarge(coarse: Floats, shape: tuple[int, int], step: int) -> Floats:
    """A field known at every ``step``-th pixel, at all pixels of ``shape``."""
    rows, columns = shape
    reach = (-0.5 / step + 0.5, -0.5 / step + 0.5)  # centre of pixel 0 is centre of sample 0
    box = (reach[0], reach[1], reach[0] + columns / step, reach[1] + rows / step)
    box = (box[0], box[1], min(box[2], coarse.shape[1]), min(box[3], coarse.shape[0]))
    image = Image.fromarray(coarse.astype(np.float32))
    return np.asarray(image.resize((columns, rows), Image.Resampling.BICUBIC, box=box))


def coverage(inside_um: Floats, px_per_um: float, soft_px: float = 1.0) -> Floats:
    """The share of each pixel that lies inside, [0, 1]: an edge without steps."""
    share: Floats = np.clip(inside_um * np.float32(px_per_um / soft_px) + HALF, 0, 1)
    return share


def noise(rng: np.random.Generator, shape: tuple[int, int], sigma_px: float) -> Floats:
    """A smooth random field of mean 0 and deviation 1."""
    step = max(1, int(sigma_px / 2))
    coarse = (shape[0] // step + 2, shape[1] // step + 2)
    sigma = sigma_px / step
    white = rng.standard_normal(coarse, dtype=np.float32)
    smooth = gaussian_filter(white, sigma, mode="wrap", truncate=3.0)
    smooth *= np.float32(2 * math.sqrt(math.pi) * max(sigma, 0.3))  # what smoothing takes away
    return smooth[: shape[0], : shape[1]] if step == 1 else enlarge(smooth, shape, step)


def clumps(
    rng: np.random.Generator, shape: tuple[int, int], size_px: float, share: float
) -> Floats:
    """Winding clumps of about ``size_px`` that cover ``share`` of the area, [0, 1]."""
    level = np.float32(ndtri(1 - share))
    field = noise(rng, shape, size_px / 2)
    share_px: Floats = np.clip((field - level) * np.float32(0.9) + HALF, 0, 1)
    return share_px


def dots(rng: np.random.Generator, shape: tuple[int, int], size_px: float, share: float) -> Floats:
    """Round grains of ``size_px`` thrown at random that cover ``share`` of the area, [0, 1]."""
    size_px = max(size_px, 1.6)
    per_px = -math.log(1 - share) / (math.pi * (size_px / 2) ** 2)
    hits = rng.random(shape, dtype=np.float32)
    seeds = np.where(hits < per_px, np.float32(0.7) + hits * np.float32(0.6 / per_px), 0)
    sigma = size_px / 2.8
    height = gaussian_filter(seeds, sigma, mode="wrap", truncate=3.0)
    height *= np.float32(2 * math.pi * sigma**2)
    edge = np.float32(math.exp(-(1.4**2) / 2))  # what one grain reaches at its rim
    share_px: Floats = np.clip((height - edge) * np.float32(2.2) + HALF, 0, 1)
    return share_px
