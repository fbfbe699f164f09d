"""Optical density: how much light the stain absorbs, relative to the ground around the cells."""

import numpy as np

_LOG = np.log(np.arange(256, dtype=np.float32) + 4)  # + 4: what is black absorbs a finite amount


def density(samples: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """uint8 samples → float32 of the same shape, 0 where they are as bright as the ground.

    Args:
        ground: uint8 that broadcasts to the samples.
    """
    return np.asarray(np.maximum(_LOG[ground] - _LOG[samples], 0))


def reached(values: np.ndarray, share: float, axis: int = -1) -> np.ndarray:
    """The value that this share of an axis does not exceed.

    ``np.quantile`` takes several times as long for its interpolation.
    """
    rank = int(share * (values.shape[axis] - 1))
    return np.asarray(np.partition(values, rank, axis=axis).take(rank, axis=axis))
