"""Drawn images and their encodings, for the tests of intake."""

import io
import zipfile
from typing import Any

import numpy as np
from PIL import Image

GROUND, NUCLEUS = (240, 225, 205), (90, 50, 130)


def cell(width: int = 96, height: int = 96) -> Image.Image:
    """A violet nucleus in the middle of a light ground."""
    y, x = np.mgrid[:height, :width]
    inside = np.hypot(x - width / 2, y - height / 2) < min(width, height) * 0.22
    return Image.fromarray(np.where(inside[..., None], NUCLEUS, GROUND).astype(np.uint8))


def field() -> Image.Image:
    """Many small pale discs, 640x480, nothing of note in the middle."""
    y, x = np.mgrid[:480, :640]
    inside = np.hypot(x % 60 - 30, y % 60 - 30) < 20
    return Image.fromarray(np.where(inside[..., None], (190, 140, 140), GROUND).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file of that kind."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
