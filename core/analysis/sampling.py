"""Images drawn from many, each as likely as the others, in memory that is bounded."""

import heapq
from collections.abc import Iterable
from random import Random

from core.analysis.intake import CellImage

MOST_IMAGES = 2000
MOST_BYTES = 1024**3


def draw(images: Iterable[CellImage]) -> list[CellImage]:
    """At most 2,000 of these images, in their order; fewer where they are large.

    The draw is the same each time. It takes from all of them, since files often come class by
    class.
    """
    by_chance, size = Random(0), 0
    kept: list[tuple[float, int, CellImage]] = []
    for number, image in enumerate(images):
        heapq.heappush(kept, (by_chance.random(), number, image))
        size += _bytes(image)
        while len(kept) > MOST_IMAGES or size > MOST_BYTES:
            size -= _bytes(heapq.heappop(kept)[2])
    return [image for _, _, image in sorted(kept, key=lambda one: one[1])]


def _bytes(image: CellImage) -> int:
    return 3 * image.rgb.width * image.rgb.height + len(image.encoded)
