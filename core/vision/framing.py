"""Shows every cell alike: in the middle, about the same size, on the same white, stained alike.

Laboratories differ in all four, cells in none, so a network that sees them alike has less to be
misled by. What is called density here is optical density with the natural logarithm, against the
picture's own background (Beer-Lambert: stains add up in it).
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.vision.nucleus import OFFSET, Nucleus, find_background, find_nucleus
from core.vision.profile import Profile

MEASURED_WRONGLY = 3.0  # a nucleus so many times larger or smaller than usual was not well found
DENSITY_FACTORS = (0.3, 4.0)
_VALUES = np.arange(256, dtype=np.float64)


@dataclass(frozen=True)
class View:
    """How a network wants to see its cells; stands on its card.

    Attributes:
        nucleus_share: side of an average nucleus over the side of what the network sees.
        usual_share: side of a laboratory's average nucleus over its pictures' shorter side,
            taken where the laboratory has no profile.
        background: brightness that the empty background is given, 0 to 255.
        density: that the nucleus is given, in red, green and blue.
    """

    nucleus_share: float = 0.36
    usual_share: float = 0.33
    background: int = 245
    density: tuple[float, float, float] = (0.75, 1.45, 0.35)


def framed(
    image: Image.Image,
    view: View,
    side_px: int,
    profile: Profile | None = None,
    margin: float = 1.0,
) -> np.ndarray:
    """The cell in an RGB picture as a network with this view wants to see it.

    Args:
        profile: of the laboratory that the picture comes from, where there is one.
        margin: shows so many times as much around the cell, at the same scale.

    Returns:
        (S, S, 3) uint8 with S = side_px * margin.
    """
    nucleus = find_nucleus(image)
    background = nucleus.background if nucleus else find_background(np.asarray(image))
    frame = _frame(image, nucleus, view, profile)
    seen_px = frame.side_px * margin
    square = _square(image, (frame.x, frame.y), seen_px, round(side_px * margin), background)
    return np.asarray(square.point(_curves(view, background, _factors(nucleus, view))))


@dataclass(frozen=True)
class Frame:
    """The square of a picture that a network sees, in pixels of the picture.

    Attributes:
        x, y: its centre; it may reach over the picture's edge.
        side_px: its side.
    """

    x: float
    y: float
    side_px: float


def find_frame(image: Image.Image, view: View, profile: Profile | None = None) -> Frame:
    """What ``framed`` shows of an RGB picture."""
    return _frame(image, find_nucleus(image), view, profile)


def _frame(
    image: Image.Image, nucleus: Nucleus | None, view: View, profile: Profile | None
) -> Frame:
    x, y = (nucleus.x, nucleus.y) if nucleus else (image.width / 2, image.height / 2)
    share = _share(image, nucleus, view, profile)
    return Frame(x, y, min(image.size) * share / view.nucleus_share)


def _share(
    image: Image.Image, nucleus: Nucleus | None, view: View, profile: Profile | None
) -> float:
    """The share of the frame's side that an average nucleus is taken to have in this picture.

    Half way, in logarithms, between this nucleus and the usual one: so a cell is brought to size
    whatever the magnification, yet a small nucleus stays smaller than a large one.
    """
    usual = profile.nucleus_share if profile else view.usual_share
    if nucleus is None:
        return usual
    own = nucleus.side_px / min(image.size)
    own = min(max(own, usual / MEASURED_WRONGLY), usual * MEASURED_WRONGLY)
    return math.sqrt(own * usual)


def _factors(nucleus: Nucleus | None, view: View) -> np.ndarray:
    """(3,) what the density in each channel is multiplied by."""
    if nucleus is None:
        return np.ones(3)
    own = np.maximum(nucleus.density, 0.08)
    return (np.array(view.density) / own).clip(*DENSITY_FACTORS)


def _square(
    image: Image.Image,
    centre: tuple[float, float],
    seen_px: float,
    side_px: int,
    background: tuple[float, float, float],
) -> Image.Image:
    """The square around the centre, resized; what lies outside the picture is background."""
    left, top = centre[0] - seen_px / 2, centre[1] - seen_px / 2
    x, y = math.floor(left), math.floor(top)
    around = math.ceil(seen_px) + 2
    red, green, blue = (round(value) for value in background)
    canvas = Image.new("RGB", (around, around), (red, green, blue))
    canvas.paste(image, (-x, -y))
    box = (left - x, top - y, left - x + seen_px, top - y + seen_px)
    return canvas.resize((side_px, side_px), Image.Resampling.BILINEAR, box=box)


def _curves(view: View, background: tuple[float, float, float], factors: np.ndarray) -> list[int]:
    """Brightness → brightness, for all values of red, green and blue one after the other."""
    curves = []
    for white, factor in zip(background, factors, strict=True):
        density = np.log((white + OFFSET) / (_VALUES + OFFSET)).clip(0) * factor
        curves.append((view.background + OFFSET) * np.exp(-density) - OFFSET)
    levels: list[int] = np.concatenate(curves).round().clip(0, 255).astype(int).tolist()
    return levels
