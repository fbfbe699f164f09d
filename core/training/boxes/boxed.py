"""An image in which people drew boxes around cells, and which images are held back."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from core.training.boxes.same import same_fields

_HELD_BACK = 5  # one field in so many is kept to measure on


@dataclass(frozen=True, eq=False)
class Boxed:
    """An image and its boxes.

    Attributes:
        source: which data set it is from.
        boxes: (B, 5) float32: index into ``KINDS``, x and y of the centre, width and height in
            shares of the image's width and height.
        complete: kinds of which every cell has its box.
        held_back: not to be learnt from, and no image of the same field is.
    """

    path: Path
    source: str
    boxes: np.ndarray
    complete: tuple[int, ...]
    held_back: bool = False

    def open(self) -> Image.Image:
        """The image, RGB."""
        with Image.open(self.path) as image:
            return image.convert("RGB")


def dealt(images: Iterable[Boxed], by_source: Collection[str]) -> Iterator[Boxed]:
    """One field in so many of these sources is held back, with all its images in other sources.

    What is held back already stays so, and takes its other images with it.
    """
    images = list(images)
    names = same_fields([one.path for one in images]).tolist()
    held_back = {name: True for name, one in zip(names, images, strict=True) if one.held_back}
    seen: dict[str, int] = {}
    for name, one in zip(names, images, strict=True):
        if name not in held_back:
            count = seen.get(one.source, 0)
            held_back[name] = one.source in by_source and count % _HELD_BACK == 0
            seen[one.source] = count + 1
        yield replace(one, held_back=held_back[name])
