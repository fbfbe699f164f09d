"""Finds the nucleus of the cell in the middle of an image; of a platelet, its body.

Nuclei absorb red light; haemoglobin and eosin let it pass.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

SIDE_PX = 72  # images are measured at about this size
LEAST_DENSITY = 0.10  # nothing paler is a nucleus
OFFSET = 4.0  # added to brightness, so that black has a finite density

_CENTRAL = 0.25  # of the shorter side: how far from the middle a nucleus is looked for
_WITHIN = 0.5  # of the shorter side: no nucleus reaches farther from the middle
_EDGE = 0.08  # what covers more of the frame's border than this is no nucleus
_LOBE_GAP = 0.35  # of the nucleus's side: lobes nearer to each other than this belong together
_LEVELS = 4
_FEWEST = 30  # pixels that a threshold is found from
_BINS = 64


@dataclass(frozen=True)
class Nucleus:
    """What was measured.

    Attributes:
        x, y: its centre, in pixels of the image.
        side_px: the square root of its area.
        background: brightness of the image's empty background in red, green, blue, 0 to 255.
        density: its median optical density (natural logarithm) in red, green and blue.
    """

    x: float
    y: float
    side_px: float
    background: tuple[float, float, float]
    density: tuple[float, float, float]


def find_nucleus(image: Image.Image) -> Nucleus | None:
    """The nucleus nearest the middle of an RGB image; None where nothing is stained."""
    factor = max(1, round(min(image.size) / SIDE_PX))
    small = np.asarray(image.reduce(factor))
    background = find_background(small)
    white, seen = np.array(background, np.float32), small.astype(np.float32)
    density = np.log((white + OFFSET) / (seen + OFFSET)).clip(0)
    mask = _body(_smooth(density[..., 0]))
    if not mask.any():
        return None
    rows, columns = np.nonzero(mask)
    red, green, blue = np.median(density[mask], axis=0).tolist()
    return Nucleus(
        x=(float(columns.mean()) + 0.5) * factor,
        y=(float(rows.mean()) + 0.5) * factor,
        side_px=math.sqrt(len(rows)) * factor,
        background=background,
        density=(red, green, blue),
    )


def find_background(pixels: np.ndarray) -> tuple[float, float, float]:
    """The colour of the empty background in (h, w, 3) uint8: the median of the brightest."""
    channels = pixels.reshape(-1, 3).T.copy()  # in rows, as NumPy is quickest along them
    light = channels.sum(axis=0, dtype=np.int16)
    rank = int(0.9 * (len(light) - 1))
    brightest = light >= 0.97 * np.partition(light, rank)[rank]
    red, green, blue = np.median(channels[:, brightest], axis=1).tolist()
    return red, green, blue


def _smooth(values: np.ndarray) -> np.ndarray:
    """Two passes of the binomial kernel 1 2 1 along both axes."""
    for _ in range(2):
        padded = np.pad(values, 1, mode="edge")
        across = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
        values = (across[:-2] + 2 * across[1:-1] + across[2:]) / 16
    return np.asarray(values)


def _body(red: np.ndarray) -> np.ndarray:
    """The mask of the nucleus in (h, w) red density; all False where nothing absorbs."""
    away, pull = _from_middle(*red.shape)
    seed = np.zeros(red.shape, dtype=bool)
    seed.flat[int((red * pull).argmax())] = True
    values = red[away < 0.9 * _WITHIN]
    level = max(_otsu(values), LEAST_DENSITY)
    body = _grown(seed, red > level)
    for _ in range(_LEVELS):
        # A dark ground or a red cell that runs out of the frame is left behind.
        values = values[values > level]
        if _border(body) < _EDGE or len(values) < _FEWEST:
            break
        level = _otsu(values)
        body = _grown(seed, red > level)
    near = body
    for _ in range(int(_LOBE_GAP * math.sqrt(body.sum()))):
        near = _dilated(near)
    dark = red > level
    return _grown(near & dark, dark & (away < _WITHIN))


@lru_cache(maxsize=8)
def _from_middle(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) each: how far a pixel is from the middle, in shorter sides, and what speaks for it."""
    y, x = np.ogrid[:height, :width]
    away = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2) / min(height, width)
    pull = np.exp(-((away / _CENTRAL) ** 2))
    away.flags.writeable = pull.flags.writeable = False  # every image of this size shares them
    return away, pull


def _border(mask: np.ndarray) -> float:
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _dilated(mask: np.ndarray) -> np.ndarray:
    out = mask.copy()
    out[1:] |= mask[:-1]
    out[:-1] |= mask[1:]
    out[:, 1:] |= mask[:, :-1]
    out[:, :-1] |= mask[:, 1:]
    return out


def _grown(seed: np.ndarray, within: np.ndarray) -> np.ndarray:
    """What is connected to the seed inside ``within``, by its sides."""
    body: np.ndarray = seed & within
    across, down = _runs(within), _runs(within.T)
    size = -1
    while size != (size := int(np.count_nonzero(body))):
        body = _filled(body, across)
        body = _filled(body.T, down).T
    return body


def _runs(within: np.ndarray) -> np.ndarray:
    """The number of the horizontal run that each pixel belongs to; 0 outside ``within``."""
    starts = within.copy()
    starts[:, 1:] &= ~within[:, :-1]
    return np.asarray(np.cumsum(starts).reshape(within.shape) * within)


def _filled(mask: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Every run that the mask touches, whole."""
    touched = np.zeros(runs.max() + 1, dtype=bool)
    touched[runs[mask]] = True
    return np.asarray(touched[runs])


def _otsu(values: np.ndarray) -> float:
    """The threshold that parts the values into two classes; Otsu 1979, IEEE Trans. SMC 9:62.

    0 where there are none, as near the middle of an image one pixel thin.
    """
    if not len(values):
        return 0.0
    low, high = float(values.min()), float(values.max())
    width = max(high - low, 1e-9) / _BINS
    # np.histogram does the same in three times as long.
    bins = np.minimum((values - low) / width, _BINS - 1).astype(np.intp)
    share = np.bincount(bins, minlength=_BINS) / len(values)
    middle = low + width * (np.arange(_BINS) + 0.5)
    weight, moment = share.cumsum(), (share * middle).cumsum()
    spread = (moment[-1] * weight - moment) ** 2 / (weight * (1 - weight) + 1e-9)
    return float(middle[spread.argmax()])
