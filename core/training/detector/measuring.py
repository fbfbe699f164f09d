"""How well a detector finds the cells that people boxed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.fields.detector import Detector
from core.fields.find import find_cells
from core.fields.maps import overlaps
from core.fields.scale import KINDS, RED_CELL_UM
from core.training.boxes.boxed import Boxed
from core.training.boxes.sources import TERMS

FOUND = 0.5  # overlap from which a cell counts as found
_ABOUT = 0.005  # F1 that is as good


@dataclass(frozen=True, eq=False)
class Matched:
    """The cells of one kind that were found in some images, surest first.

    Attributes:
        scores: (N,) of each.
        right: (N,) bool: it is one that people boxed, and no surer one is the same.
        boxed: cells that people boxed.
        images: images looked at.
    """

    scores: np.ndarray
    right: np.ndarray
    boxed: int
    images: int

    def average_precision(self) -> float:
        """The area under precision over recall, precision made to fall (VOC, all points)."""
        hits = np.cumsum(self.right)
        precision = hits / np.arange(1, len(hits) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        return float(precision[self.right].sum() / max(self.boxed, 1))

    def best_score(self) -> float:
        """The lowest score from which the harmonic mean of recall and precision is about highest.

        The lowest, for what is missed is lost, and what is found too much a person sees.
        """
        hits = np.cumsum(self.right)
        f1 = 2 * hits / (np.arange(1, len(hits) + 1) + self.boxed)
        good = np.flatnonzero(f1 >= f1.max(initial=0) - _ABOUT)
        return float(self.scores[good[-1]]) if len(good) else 0.5

    def figures(self, least: float) -> dict[str, float]:
        """What is found from that score on."""
        kept = self.right[self.scores >= least]
        hits = int(kept.sum())
        return {
            "boxed": float(self.boxed),
            "recall": round(hits / max(self.boxed, 1), 4),
            "f1": round(2 * hits / max(len(kept) + self.boxed, 1), 4),
            "false_per_field": round((len(kept) - hits) / max(self.images, 1), 4),
            "map50": round(self.average_precision(), 4),
        }


def matched(detector: Detector, images: Sequence[Boxed], kind: int) -> Matched:
    """What the detector finds of a kind, at the sources' own scales, against people's boxes."""
    scores, right, boxed = [], [], 0
    for one in images:
        image = one.open()
        um_per_px = RED_CELL_UM / TERMS[one.source].red_cell_px
        found = find_cells(image, um_per_px, detector=detector).of(KINDS[kind])
        found = tuple(sorted(found, key=lambda cell: -cell.score))
        true = corners(one, kind, image.size)
        scores += [cell.score for cell in found]
        right += hits(np.array([cell.box for cell in found]).reshape(-1, 4), true)
        boxed += len(true)
    order = np.argsort(-np.array(scores), kind="stable")
    told = np.array(right, dtype=bool)[order]
    return Matched(np.array(scores)[order], told, boxed, len(images))


def corners(boxed: Boxed, kind: int, size: tuple[int, int]) -> np.ndarray:
    """(N, 4): people's boxes of that kind, in px of the image."""
    boxes = boxed.boxes[boxed.boxes[:, 0] == kind, 1:].astype(np.float64)
    half = boxes[:, 2:] / 2
    return np.hstack([boxes[:, :2] - half, boxes[:, :2] + half]) * [*size, *size]


def hits(found: np.ndarray, true: np.ndarray) -> list[bool]:
    """Which of the boxes found, surest first, are a true one that none before it is."""
    shared = overlaps(found, true)
    told = []
    for row in range(len(found)):
        best = int(shared[row].argmax()) if len(true) else 0
        is_hit = len(true) > 0 and bool(shared[row, best] >= FOUND)
        told.append(is_hit)
        if is_hit:
            shared[:, best] = 0
    return told
