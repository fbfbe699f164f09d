"""Which images show the same cell, and which show the same place on the smear.

Both mostly differ by a shift, so the test is the best correlation of two grey prints over
small shifts. On 12,641 PBC images it is 0.954 or more for the 13 pairs that do (looked at one
by one) and 0.945 or less for all others; a difference hash alone groups strangers. A full
search over shifts would be slow, so cheap tests pick the pairs to compare.

On a plain ground a correlation says little: any two dark cells in the middle have it. So what is
left of one print laid over the other counts, too. Second shots leave 16 levels of grey at most, on
PBC, BCCD, Chula, KRD, Jiangxi and Raabin; of 309 pairs of strangers in Jiangxi's images on yellow
and white, that correlate as well, all but three leave more.

Whether two contents are a pair depends on them alone, so what was compared once can be kept.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from core.dataset.measure import PRINT_SIDE_PX
from core.parallel import Progress, map_all

SAME = 0.95
MOST_LEFT = 16.0  # levels of grey
_SHIFT_PX = 4
_HASH_DISTANCE = 13
_COLOUR_DISTANCE = 10.0
_POOLED_SAME = 0.925
_ROWS, _COLUMNS, _CHECKED = 128, 4096, 512  # what is compared at once stays in the cores' caches
PAIR = ["a", "b", "cell"]


def find_pairs(
    images: pd.DataFrame, compared: Collection[str] = (), progress: Progress | None = None
) -> pd.DataFrame:
    """The pairs of different contents that show the same cell, or overlap.

    Shifts of up to an eighth of the side are found, 45 of 360 pixels.

    Args:
        images: the usable rows of a catalogue.
        compared: content hashes whose pairs among themselves are known; they are left out.
        progress: called with contents compared and to compare with all others.

    Returns:
        ``a`` and ``b``, content hashes, and ``cell``: whether they show one cell.
    """
    first = images.drop_duplicates("sha256").sort_values("sha256", ignore_index=True)
    known = first["sha256"].isin(compared)
    first = pd.concat([first[~known], first[known]], ignore_index=True)
    fresh = int((~known).sum())
    if not fresh:
        return pd.DataFrame(columns=PAIR)

    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress(fresh * done // total, fresh)

    blocks = [range(start, min(start + _ROWS, fresh)) for start in range(0, fresh, _ROWS)]
    found = map_all(partial(_pairs_of, _Looks.of(first)), blocks, tell)
    i, j, cell = np.concatenate(found, axis=1)
    names = first["sha256"].to_numpy()
    return pd.DataFrame({"a": names[i], "b": names[j], "cell": cell.astype(bool)})


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The best correlation of pairs of prints over shifts of up to 4 of 32 pixels.

    Args:
        a, b: (N, 32, 32) uint8.

    Returns:
        (N,) float32 from -1 to 1; 0 where a print is one flat grey.
    """
    centre = _unit(_centre(a))
    best = np.full(len(a), -1.0, np.float32)
    for window in _windows(b):
        np.maximum(best, np.einsum("ij,ij->i", centre, _unit(window)), out=best)
    return best


def left_over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What is left of pairs of prints laid over each other, at the shift that leaves least.

    Args:
        a, b: (N, 32, 32) uint8.

    Returns:
        (N,) float32, the deviation of the difference in levels of grey; brighter is no difference.
    """
    centre = _centre(a).astype(np.float32)
    least = np.full(len(a), np.inf, np.float32)
    for window in _windows(b):
        np.minimum(least, (centre - window).std(axis=(1, 2)), out=least)
    return least


@dataclass(frozen=True, eq=False)
class _Looks:
    """What is compared of N contents.

    Attributes:
        prints: (N, 32, 32) uint8.
        hashes: (N,) uint64.
        colour: (N, 3) float32, mean red, green and blue.
        centre: (N, 64) float32 of length 1, the middle of each print, pooled.
        shifted: the same of each shift that is tried.
    """

    prints: np.ndarray
    hashes: np.ndarray
    colour: np.ndarray
    centre: np.ndarray
    shifted: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, images: pd.DataFrame) -> "_Looks":
        flat = np.frombuffer(b"".join(images["print"]), np.uint8)
        prints = flat.reshape(-1, PRINT_SIDE_PX, PRINT_SIDE_PX)
        return cls(
            prints,
            images["near_hash"].to_numpy(np.int64).view(np.uint64),
            images[["mean_r", "mean_g", "mean_b"]].to_numpy(np.float32),
            _unit(_pooled(_centre(prints))),
            tuple(_unit(_pooled(window)) for window in _windows(prints, step_px=2)),
        )


def _pairs_of(looks: _Looks, rows: range) -> np.ndarray:
    """(3, pairs) int64: the pairs of these rows with all later ones, and whether of one cell."""
    found = [np.empty((3, 0), np.int64)]
    for start in range(rows.start, len(looks.hashes), _COLUMNS):
        columns = range(start, min(start + _COLUMNS, len(looks.hashes)))
        alike = _alike(looks, rows, columns)
        maybe = np.unique(np.concatenate([alike, *_overlapping(looks, rows, columns)]))
        i, j = np.divmod(maybe, len(columns))
        i, j = i + rows.start, j + columns.start
        later = j > i
        told = np.stack([i, j, np.isin(maybe, alike)])[:, later]
        found.append(told[:, _same(looks.prints, told[0], told[1])])
    return np.concatenate(found, axis=1)


def _alike(looks: _Looks, rows: range, columns: range) -> np.ndarray:
    """Places in the block of rows and columns whose hashes and colours are near."""
    own, others = looks.hashes[_slice(rows)], looks.hashes[_slice(columns)]
    near = np.flatnonzero(np.bitwise_count(own[:, None] ^ others[None]) <= _HASH_DISTANCE)
    i, j = np.divmod(near, len(columns))
    apart = np.abs(looks.colour[i + rows.start] - looks.colour[j + columns.start])
    return np.asarray(near[apart.max(1, initial=0.0) < _COLOUR_DISTANCE])


def _overlapping(looks: _Looks, rows: range, columns: range) -> Iterator[np.ndarray]:
    """The same for pooled prints that are near, shift by shift."""
    centre = looks.centre[_slice(rows)]
    for shifted in looks.shifted:
        yield np.flatnonzero(centre @ shifted[_slice(columns)].T > _POOLED_SAME)


def _same(prints: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    parts = range(0, len(i), _CHECKED)
    best = [correlation(prints[i[k : k + _CHECKED]], prints[j[k : k + _CHECKED]]) for k in parts]
    same = np.concatenate([np.empty(0, np.float32), *best]) >= SAME
    same[same] = left_over(prints[i[same]], prints[j[same]]) <= MOST_LEFT
    return same


def _slice(of: range) -> slice:
    return slice(of.start, of.stop)


def _centre(prints: np.ndarray) -> np.ndarray:
    return prints[:, _SHIFT_PX:-_SHIFT_PX, _SHIFT_PX:-_SHIFT_PX]


def _windows(prints: np.ndarray, step_px: int = 1) -> Iterator[np.ndarray]:
    side = PRINT_SIDE_PX - 2 * _SHIFT_PX
    for top in range(0, 2 * _SHIFT_PX + 1, step_px):
        for left in range(0, 2 * _SHIFT_PX + 1, step_px):
            yield prints[:, top : top + side, left : left + side]


def _unit(patches: np.ndarray) -> np.ndarray:
    flat = patches.reshape(len(patches), -1).astype(np.float32)
    flat -= flat.mean(1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    return flat


def _pooled(windows: np.ndarray) -> np.ndarray:
    total = np.zeros((len(windows), 8, 8), np.float32)
    for place in np.ndindex(3, 3):  # a mean over two axes takes five times as long
        total += windows[:, place[0] :: 3, place[1] :: 3]
    return total / 9
