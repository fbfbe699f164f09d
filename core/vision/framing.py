"""Shows every cell alike: in the middle, about the same size, on the same white.

Laboratories differ in these, cells do not, so a network that sees them alike has less to be misled
by. Around a nucleus they are also stained alike; around a cell the stain stays as it is. What is
called density here is optical density with the natural logarithm, against the image's own
background (Beer-Lambert: stains add up in it).
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.images import fit_square
from core.vision.locating.locator import open_locator
from core.vision.nucleus import OFFSET, Nucleus, find_background, find_nucleus
from core.vision.profile import Profile
from core.vision.views import CellView, NucleusView, View

MEASURED_WRONGLY = 3.0  # what is so many times larger or smaller than usual was not well found
DENSITY_FACTORS = (0.3, 4.0)
_VALUES = np.arange(256, dtype=np.float64)


@dataclass(frozen=True)
class Colours:
    """What an image's colours are brought to the view's with.

    Attributes:
        background: brightness of the image's empty background in red, green, blue, 0 to 255.
        shown: brightness that the empty background is given, 0 to 255.
        factors: what the density in each channel is multiplied by.
    """

    background: tuple[float, float, float]
    shown: int
    factors: tuple[float, float, float]


@dataclass(frozen=True)
class Framing:
    """How a network sees one image: which square of it, and in what colours.

    Attributes:
        image_px: width and height of the image.
        x, y: the square's centre, in px of the image; it may reach over the image's edge.
        side_px: the square's side, in px of the image.
        square_px: its side as the network sees it, in px.
        colours: None where they are left as they are.
    """

    image_px: tuple[int, int]
    x: float
    y: float
    side_px: float
    square_px: int
    colours: Colours | None = None

    @property
    def left_top(self) -> tuple[float, float]:
        """The square's first corner, in px of the image."""
        return self.x - self.side_px / 2, self.y - self.side_px / 2

    def to_square(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) x and y in px of the image → in px of what the network sees."""
        return np.asarray((points - self.left_top) * (self.square_px / self.side_px))

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) x and y in px of what the network sees → in px of the image."""
        return np.asarray(points * (self.side_px / self.square_px) + self.left_top)


def find_framing(
    image: Image.Image,
    view: View,
    side_px: int,
    profile: Profile | None = None,
    margin: float = 1.0,
) -> Framing:
    """How a network with this view wants to see the cell in an RGB image.

    Args:
        profile: of the laboratory that the image comes from, where there is one.
        margin: shows so many times as much around the cell, at the same scale.

    Raises:
        BundleRefusedError: the locator that the view names is missing or damaged.
    """
    if isinstance(view, CellView):
        x, y, shown, colours = _around_cell(image, view, profile)
    else:
        x, y, shown, colours = _around_nucleus(image, view, profile)
    seen_px = min(image.size) * shown
    return Framing(image.size, x, y, seen_px * margin, round(side_px * margin), colours)


def _around_cell(
    image: Image.Image, view: CellView, profile: Profile | None
) -> tuple[float, float, float, Colours]:
    """The centre, the square's side in shorter sides of the image, and the colours."""
    cell = open_locator(view.locator).find(image)
    x, y = (cell.x, cell.y) if cell else (image.width / 2, image.height / 2)
    known = profile.cell_share if profile else None
    usual = known or view.usual_share
    own_px = math.sqrt(cell.width * cell.height) if cell else None
    background = find_background(np.asarray(image))
    colours = Colours(background, view.background, (1.0, 1.0, 1.0))
    return x, y, _half_way(image, own_px, usual) / view.cell_share, colours


def _around_nucleus(
    image: Image.Image, view: NucleusView, profile: Profile | None
) -> tuple[float, float, float, Colours]:
    """The same of a view around the nucleus."""
    nucleus = find_nucleus(image)
    background = nucleus.background if nucleus else find_background(np.asarray(image))
    x, y = (nucleus.x, nucleus.y) if nucleus else (image.width / 2, image.height / 2)
    known = profile.nucleus_share if profile else None
    usual = known or view.usual_share
    share = _half_way(image, nucleus.side_px if nucleus else None, usual)
    colours = Colours(background, view.background, _factors(nucleus, view))
    return x, y, share / view.nucleus_share, colours


def centred(image: Image.Image, side_px: int) -> Framing:
    """The centred square of an image, in its own colours."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return Framing(image.size, left + side / 2, top + side / 2, side, side_px)


def framed(image: Image.Image, framing: Framing) -> np.ndarray:
    """What the network sees of the RGB image that the framing was found in, (S, S, 3) uint8."""
    if framing.colours is None:
        return fit_square(image, framing.square_px)
    square = _square(image, framing, framing.colours.background)
    return np.asarray(square.point(_curves(framing.colours)))


def _half_way(image: Image.Image, own_px: float | None, usual: float) -> float:
    """The share of the image's side that an average cell, or nucleus, is taken to have in it.

    Half way, in logarithms, between this one and the usual one: so a cell is brought to size
    whatever the magnification, yet a small one stays smaller than a large one.

    Args:
        own_px: side of this one, None where it was not found.
        usual: the share of the laboratory's average one.
    """
    if own_px is None:
        return usual
    own = own_px / min(image.size)
    own = min(max(own, usual / MEASURED_WRONGLY), usual * MEASURED_WRONGLY)
    return math.sqrt(own * usual)


def _factors(nucleus: Nucleus | None, view: NucleusView) -> tuple[float, float, float]:
    """What the density in each channel is multiplied by."""
    if nucleus is None:
        return 1.0, 1.0, 1.0
    own = np.maximum(nucleus.density, 0.08)
    red, green, blue = (np.array(view.density) / own).clip(*DENSITY_FACTORS).tolist()
    return red, green, blue


def _square(
    image: Image.Image, framing: Framing, background: tuple[float, float, float]
) -> Image.Image:
    """The square around the centre, resized; what lies outside the image is background."""
    left, top = framing.left_top
    x, y = math.floor(left), math.floor(top)
    around = math.ceil(framing.side_px) + 2
    red, green, blue = (round(value) for value in background)
    canvas = Image.new("RGB", (around, around), (red, green, blue))
    canvas.paste(image, (-x, -y))
    box = (left - x, top - y, left - x + framing.side_px, top - y + framing.side_px)
    size = (framing.square_px, framing.square_px)
    return canvas.resize(size, Image.Resampling.BILINEAR, box=box)


def _curves(colours: Colours) -> list[int]:
    """Brightness → brightness, for all values of red, green and blue one after the other."""
    curves = []
    for white, factor in zip(colours.background, colours.factors, strict=True):
        density = np.log((white + OFFSET) / (_VALUES + OFFSET)).clip(0) * factor
        curves.append((colours.shown + OFFSET) * np.exp(-density) - OFFSET)
    levels: list[int] = np.concatenate(curves).round().clip(0, 255).astype(int).tolist()
    return levels
