"""Which images show the same cell, and which show the same place on the smear.

Both mostly differ by a shift, so the test is the best correlation of two grey prints over
small shifts. On 12,641 PBC images it is 0.954 or more for the 13 pairs that do (looked at one
by one) and 0.945 or less for all others; a difference hash alone groups strangers. A full
search over shifts would be slow, so cheap tests pick the pairs to compare.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from core.dataset.measure import PRINT_SIDE_PX

SAME = 0.95
_SHIFT_PX = 4
_HASH_DISTANCE = 13
_COLOUR_DISTANCE = 10.0
_POOLED_SAME = 0.925
_BLOCK = 512

Pairs = tuple[np.ndarray, np.ndarray]


def cells(images: pd.DataFrame) -> pd.Series:
    """A group name for each image; identical files and second shots of a cell share one.

    Args:
        images: the usable rows of a catalogue.

    Returns:
        Series over the same index: the smallest content hash of the group.
    """
    if images.empty:
        return pd.Series(index=images.index, dtype=object)
    first = _distinct(images)
    return _named(images, first, _same(first, _alike(first)))


def views(images: pd.DataFrame) -> pd.Series:
    """The same for images that overlap: of one cell, or of neighbours in one field.

    Shifts of up to an eighth of the side are found, 45 of 360 pixels.
    """
    if images.empty:
        return pd.Series(index=images.index, dtype=object)
    first = _distinct(images)
    pairs = [*_same(first, _alike(first)), *_same(first, _overlapping(first))]
    return _named(images, first, pairs)


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The best correlation of pairs of prints over shifts of up to 4 of 32 pixels.

    Args:
        a, b: (N, 32, 32) uint8.

    Returns:
        (N,) float32 from -1 to 1; 0 where a print is one flat grey.
    """
    centre = _unit(a[:, _SHIFT_PX:-_SHIFT_PX, _SHIFT_PX:-_SHIFT_PX])
    best = np.full(len(a), -1.0, np.float32)
    for window in _windows(b):
        np.maximum(best, np.einsum("ij,ij->i", centre, _unit(window)), out=best)
    return best


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


def _alike(images: pd.DataFrame) -> Pairs:
    hashes = images["near_hash"].to_numpy(np.int64).view(np.uint64)
    colour = images[["mean_r", "mean_g", "mean_b"]].to_numpy(np.float32)
    found = [np.empty((2, 0), np.int64)]
    for start in range(0, len(hashes), _BLOCK):
        block = hashes[start : start + _BLOCK, None]
        i, j = np.nonzero(np.bitwise_count(block ^ hashes[None, start:]) <= _HASH_DISTANCE)
        i, j = i[j > i] + start, j[j > i] + start
        alike = np.abs(colour[i] - colour[j]).max(1, initial=0.0) < _COLOUR_DISTANCE
        found.append(np.stack([i[alike], j[alike]]))
    left, right = np.concatenate(found, axis=1)
    return left, right


def _overlapping(images: pd.DataFrame) -> Pairs:
    prints = _prints(images)
    centre = _unit(_pooled(prints[:, _SHIFT_PX:-_SHIFT_PX, _SHIFT_PX:-_SHIFT_PX]))
    found = [np.empty((0, 2), np.int64)]
    for window in _windows(prints, step_px=2):
        shifted = _unit(_pooled(window))
        for start in range(0, len(shifted), _BLOCK):
            likeness = centre[start : start + _BLOCK] @ shifted[start:].T
            # np.nonzero of two dimensions takes fifteen times as long and would rule the cost
            i, j = np.divmod(np.flatnonzero(likeness > _POOLED_SAME), likeness.shape[1])
            found.append(np.stack([i, j], axis=1)[j > i] + start)
    left, right = np.unique(np.concatenate(found), axis=0).T
    return left, right


def _pooled(windows: np.ndarray) -> np.ndarray:
    tiles = windows.reshape(len(windows), 8, 3, 8, 3)
    return np.asarray(tiles.mean(axis=(2, 4), dtype=np.float32))


def _same(images: pd.DataFrame, pairs: Pairs) -> Iterator[tuple[int, int]]:
    prints, (left, right) = _prints(images), pairs
    for start in range(0, len(left), _BLOCK):
        a, b = left[start : start + _BLOCK], right[start : start + _BLOCK]
        same = correlation(prints[a], prints[b]) >= SAME
        yield from zip(a[same].tolist(), b[same].tolist(), strict=True)


def _prints(images: pd.DataFrame) -> np.ndarray:
    flat = np.frombuffer(b"".join(images["print"]), np.uint8)
    return flat.reshape(-1, PRINT_SIDE_PX, PRINT_SIDE_PX)


def _distinct(images: pd.DataFrame) -> pd.DataFrame:
    return images.drop_duplicates("sha256").sort_values("sha256", ignore_index=True)


def _named(
    images: pd.DataFrame, first: pd.DataFrame, pairs: Iterable[tuple[int, int]]
) -> pd.Series:
    parent = np.arange(len(first))
    for left, right in pairs:
        a, b = _root(parent, left), _root(parent, right)
        parent[max(a, b)] = min(a, b)
    names = [first["sha256"][_root(parent, i)] for i in range(len(first))]
    return images["sha256"].map(dict(zip(first["sha256"], names, strict=True)))


def _root(parent: np.ndarray, i: int) -> int:
    while parent[i] != i:
        i = int(parent[i])
    return i
