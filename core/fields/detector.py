"""The network that finds cells, opened: windows of a field at the one scale in, boxes out."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from core.fields.maps import Boxes, peaks, without_doubles
from core.fields.scale import KINDS
from core.settings import settings
from core.vision.graph import Graph
from core.vision.locating.card import GRAPH, FinderCard

NAME = "fields-1"  # the one in use
MOST_OVERLAP = 0.55  # of two cells of a kind: red cells do lie on each other
_AT_ONCE = 4  # windows that are executed together


class DetectorCard(FinderCard):
    """The card of a detector.

    Attributes:
        least: by kind, the score from which a cell counts as seen.
    """

    least: dict[str, float]


class Detector:
    """A detector's graph, compiled; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self.card = DetectorCard.of(folder, "Cell detector")
        self._least = np.array([self.card.least[kind] for kind in KINDS])
        # In fp32, so that every machine finds the same cells.
        self._graph = Graph(folder / GRAPH[0], {"INFERENCE_PRECISION_HINT": "f32"})

    def find(self, windows: Iterable[np.ndarray]) -> Iterator[Boxes]:
        """Squares, (S, S, 3) uint8, S a multiple of 8 → the cells in each, in its px."""
        windows = iter(windows)
        while some := list(islice(windows, _AT_ONCE)):
            for maps in self._graph.run(np.stack(some))[0]:
                yield without_doubles(peaks(maps, self._least), MOST_OVERLAP)


@lru_cache
def open_detector(name: str = NAME) -> Detector:
    """The detector of that name; it is opened once a process.

    Raises:
        BundleRefusedError: there is none, or it is damaged.
    """
    places = [folder / name for folder in settings().detector_dirs]
    return Detector(next((place for place in places if place.is_dir()), places[0]))
