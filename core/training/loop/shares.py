"""How the images of an epoch are dealt out to processes and batches."""

import math
from typing import Any, cast

import numpy as np
from torch.utils.data import DistributedSampler


def of_each(images: int, processes: int) -> int:
    """How many of so many images each process sees: all as many, or one would wait for another."""
    return math.ceil(images / processes)


def share(rows: np.ndarray, rank: int, processes: int) -> np.ndarray:
    """The rows that one of so many processes sees; the first ones come again to fill up."""
    places = DistributedSampler[Any](cast(Any, rows), processes, rank, shuffle=False)
    return rows[list(places)]


def batches(images: int, size: int) -> int:
    """In how many batches so many images go through.

    One image that is left over goes with the last batch: batch normalisation cannot learn from
    one alone.
    """
    whole, rest = divmod(images, size)
    return max(1, whole + (rest > 1))


def batch(rows: np.ndarray, number: int, size: int) -> np.ndarray:
    """The rows of one batch, counted from zero."""
    last = number + 1 == batches(len(rows), size)
    return rows[number * size : None if last else (number + 1) * size]
