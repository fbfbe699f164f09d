"""Cells made of drawn blobs: quick, and each unlike the others."""

import io

import numpy as np
from PIL import Image, ImageDraw


def cell_pixels(seed: int, side_px: int = 120) -> np.ndarray:
    """A blob among blobs, (side_px, side_px, 3) uint8; another one for each seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (side_px, side_px), tuple(rng.integers(200, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        left, top = rng.integers(-20, side_px - 10, 2).tolist()
        width, height = rng.integers(12, 50, 2).tolist()
        colour = tuple(rng.integers(40, 220, 3).tolist())
        draw.ellipse((left, top, left + width, top + height), fill=colour)
    return np.asarray(image)


def jpeg(pixels: np.ndarray, quality: int = 92) -> bytes:
    """The bytes of a JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()
