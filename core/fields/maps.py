"""What the network's maps say: a place for every few px, each with the cells that centre there.

The channels of ``(C, H, W)`` maps, kinds in the order of ``KINDS``: a logit for each; how far
across and down from the middle of its place a cell's centre lies, in places; the natural
logarithms of its box's width and height in diameters of a red cell.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter

from core.fields.scale import KINDS, RED_CELL_PX

STRIDE = 4  # px from place to place
BOX = 4
CHANNELS = len(KINDS) * (1 + BOX)


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes of cells.

    Attributes:
        corners: (N, 4) float64: left, top, right, bottom in px.
        kinds: (N,) int, index into ``KINDS``.
        scores: (N,) float64 in [0, 1].
    """

    corners: np.ndarray
    kinds: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.kinds)

    def __getitem__(self, rows: np.ndarray) -> "Boxes":
        return Boxes(self.corners[rows], self.kinds[rows], self.scores[rows])

    def moved(self, across: float, down: float) -> "Boxes":
        """The same boxes, elsewhere."""
        by = np.array([across, down, across, down])
        return Boxes(self.corners + by, self.kinds, self.scores)

    @property
    def centres(self) -> np.ndarray:
        """(N, 2) x and y, in px."""
        return np.asarray((self.corners[:, :2] + self.corners[:, 2:]) / 2)

    @property
    def sides(self) -> np.ndarray:
        """(N, 2) width and height, in px."""
        return np.asarray(self.corners[:, 2:] - self.corners[:, :2])


def joined(parts: list[Boxes]) -> Boxes:
    """All of them in one, in their order."""
    if not parts:
        return Boxes(np.empty((0, 4)), np.empty(0, np.int64), np.empty(0))
    return Boxes(
        np.concatenate([one.corners for one in parts]),
        np.concatenate([one.kinds for one in parts]),
        np.concatenate([one.scores for one in parts]),
    )


def peaks(maps: np.ndarray, least: np.ndarray) -> Boxes:
    """The cells where a map is highest.

    Args:
        maps: (C, H, W).
        least: (kinds,) score from which a cell counts as seen.
    """
    count = len(KINDS)
    scores = 1 / (1 + np.exp(-maps[:count].astype(np.float64)))
    highest = maximum_filter(scores, size=(1, 3, 3), mode="constant")
    kinds, rows, columns = np.nonzero((scores == highest) & (scores >= least[:, None, None]))
    across, down, width, height = (
        maps[count * (1 + part) + kinds, rows, columns].astype(np.float64) for part in range(BOX)
    )
    x, y = (columns + 0.5 + across) * STRIDE, (rows + 0.5 + down) * STRIDE
    half_width, half_height = (RED_CELL_PX / 2 * np.exp(one.clip(-4, 2)) for one in (width, height))
    corners = [x - half_width, y - half_height, x + half_width, y + half_height]
    return Boxes(np.stack(corners, axis=1), kinds, scores[kinds, rows, columns])


def overlaps(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """(N, 4) and (M, 4) corners → (N, M) intersection over union."""
    low = np.maximum(ours[:, None, :2], theirs[None, :, :2])
    high = np.minimum(ours[:, None, 2:], theirs[None, :, 2:])
    shared = (high - low).clip(0).prod(axis=2)
    areas = [(one[:, 2:] - one[:, :2]).clip(0).prod(axis=1) for one in (ours, theirs)]
    together = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(shared / np.maximum(together, 1e-9))


def without_doubles(boxes: Boxes, most: float) -> Boxes:
    """Of boxes of one kind that overlap by more than ``most``, the surest; surest first."""
    boxes = boxes[np.argsort(-boxes.scores, kind="stable")]
    alike = overlaps(boxes.corners, boxes.corners) > most
    alike &= boxes.kinds[:, None] == boxes.kinds[None]
    kept: list[int] = []
    for row in range(len(boxes)):
        if not alike[row, kept].any():
            kept.append(row)
    return boxes[np.array(kept, dtype=np.int64)]
