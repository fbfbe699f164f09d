"""Synthetic images on disk and as examples; each carries the mark that it is synthetic."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.dataset.sources import MARKER
from core.dataset.synthetic.looks import LOOKS
from core.dataset.synthetic.views import render_cell, render_subtype
from core.errors import DatasetError
from core.files import new_folder
from core.taxonomy import KEYS

_COMMENT = "Synthetic blood cell: drawn by a program, not photographed."
_MARKER_TEXT = """\
# Synthetic images

Every image in this folder was drawn by `core.dataset.synthetic` (seed {seed}, {per_class} a class).
None shows a real cell. Use them to try the program and to test it, never to judge how well a
model reads real blood, and never to train one that is meant to.
"""


def write_dataset(root: Path, per_class: int, seed: int = 0) -> None:
    """Writes a synthetic data set in the layout of PBC: class folders, subtype prefixes.

    It appears at ``root`` whole or not at all. Image ``i`` of a class depends on seed, class and
    ``i`` alone, so a larger set begins with the smaller one.

    Raises:
        DatasetError: ``root`` exists and is not an empty folder.
    """
    if root.exists() and not (root.is_dir() and not any(root.iterdir())):
        raise DatasetError(
            f"{root} is in the way: it exists and is not an empty folder. "
            "Delete it or name another place for the synthetic images."
        )
    with new_folder(root) as whole:
        (whole / MARKER).write_text(_MARKER_TEXT.format(seed=seed, per_class=per_class))
        for key in KEYS:
            _write_class(whole / key, key, per_class, seed)


def _write_class(folder: Path, key: str, per_class: int, seed: int) -> None:
    folder.mkdir()
    prefixes = list(LOOKS[key])
    for i in range(per_class):
        prefix = prefixes[i % len(prefixes)]
        rng = np.random.default_rng([seed, KEYS.index(key), i])
        image = Image.fromarray(render_subtype(key, prefix, rng))
        image.save(folder / f"{prefix}_{i + 1:06d}.jpg", quality=95, comment=_COMMENT.encode())


def example_cells(seed: int = 0) -> list[tuple[str, bytes]]:
    """One synthetic cell a class: (file name, PNG bytes), in the taxonomy's order."""
    return [(f"synthetic_{key}.png", _png(key, seed)) for key in KEYS]


def _png(key: str, seed: int) -> bytes:
    info = PngInfo()
    info.add_text("Comment", _COMMENT)
    buffer = io.BytesIO()
    rng = np.random.default_rng([seed, KEYS.index(key)])
    Image.fromarray(render_cell(key, rng)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()
