"""Colour: light is absorbed by layers of dye, so layers are added as optical densities.

The standard colours were measured on the PBC data set (Acevedo et al. 2020): medians of nuclei,
cytoplasm, red cells and background of 50 images a class, May-Gruenwald-Giemsa stain.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from core.dataset.synthetic.shapes import Floats, noise

Rgb = tuple[int, int, int]

BACKGROUND: Rgb = (254, 228, 201)
GREY_BACKGROUND: Rgb = (222, 214, 220)  # the few slides taken with another white balance


def density(rgb: Rgb) -> Floats:
    """The optical density (3,) that makes the standard background look like ``rgb``."""
    return -np.log(np.asarray(rgb, np.float32) / np.asarray(BACKGROUND, np.float32))


def mix(low: Floats, high: Floats, share: Floats) -> Floats:
    """Densities between ``low`` and ``high``; ``share`` (n, n) in [0, 1] → (n, n, 3)."""
    return low + (high - low) * share[..., None]


@dataclass(frozen=True)
class Stain:
    """How one slide was stained and photographed.

    Attributes:
        background: (3,) RGB of the empty slide.
        gain: (3,) factor on the optical density: strength and tint.
        blur_px: standard deviation of the lens.
        grain: standard deviation of the camera's noise, grey levels.
    """

    background: Floats
    gain: Floats
    blur_px: float
    grain: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Stain":
        """A slide as laboratories vary it."""
        grey = 0.9 + 0.1 * rng.random() if rng.random() < 0.06 else 0.06 * rng.random()
        base = np.asarray(BACKGROUND) * (1 - grey) + np.asarray(GREY_BACKGROUND) * grey
        gain = rng.normal(1.0, 0.07) * (1 + rng.normal(0, 0.035, 3))
        return cls(
            (base + rng.normal(0, 2.0, 3)).clip(0, 255).astype(np.float32),
            gain.astype(np.float32),
            float(rng.uniform(0.45, 0.95)),
            float(rng.uniform(0.8, 2.2)),
        )

    def develop(self, layers: Floats, rng: np.random.Generator) -> np.ndarray:
        """The photograph of a smear: (H, W, 3) densities → (H, W, 3) uint8."""
        light_through = np.exp(layers * -self.gain) * self.background
        sharp = np.clip(light_through + np.float32(0.5), 0, 255).astype(np.uint8)
        rgb = np.asarray(Image.fromarray(sharp).filter(self._lens()), np.float32)
        grain = noise(rng, rgb.shape[:2], rgb.shape[0] / 4) * np.float32(1.2)
        grain += rng.standard_normal(rgb.shape[:2], dtype=np.float32) * np.float32(self.grain)
        return (rgb + grain[..., None] + np.float32(0.5)).clip(0, 255).astype(np.uint8)

    def _lens(self) -> ImageFilter.Kernel:
        beside = math.exp(-1 / (2 * self.blur_px**2))
        row = (beside, 1.0, beside)
        return ImageFilter.Kernel((3, 3), [a * b for a in row for b in row])
