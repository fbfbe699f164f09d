"""Large images are decoded in turns, so that many at once do not take the memory of many.

A file of 75 kB may decode to 40 million pixels, and each of them takes up to 34 bytes on its way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

MAX_PIXELS = 40_000_000  # of one image
SPARE_PIXELS = 8_000_000  # so that the usual ones find room beside the largest


class Turns:
    """Room for so many pixels; who finds none waits for one who leaves.

    Args:
        most: pixels in the room at once; a single image of more goes in alone.
    """

    def __init__(self, most: int) -> None:
        self._most, self._inside = most, 0
        self._left = Condition()

    @contextmanager
    def take(self, pixels: int) -> Iterator[None]:
        """Waits until they fit, and gives their room back at the end; not to be taken within."""
        with self._left:
            self._left.wait_for(lambda: not self._inside or self._inside + pixels <= self._most)
            self._inside += pixels
        try:
            yield
        finally:
            with self._left:
                self._inside -= pixels
                self._left.notify_all()


decoding = Turns(MAX_PIXELS + SPARE_PIXELS)
