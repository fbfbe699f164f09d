"""Drawn cells with the noise of a camera, so that no two lines are alike."""

import numpy as np
from PIL import Image

from tests.core.analysis.images import cell


def noisy(width: int = 96, height: int = 80) -> np.ndarray:
    """(H, W, 3) uint8."""
    pixels = np.asarray(cell(width, height)).astype(np.int16)
    noise = np.random.default_rng(0).integers(-6, 7, pixels.shape)
    return (pixels + noise).clip(7, 248).astype(np.uint8)


def grey(pixels: np.ndarray) -> np.ndarray:
    """(H, W) uint8."""
    return np.asarray(Image.fromarray(pixels).convert("L"))
