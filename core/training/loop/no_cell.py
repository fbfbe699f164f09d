"""Images that show no cell, so that a network learns to say so.

Drawn by a program, or cut from what lies beside the cells: photographs, paper, print, noise,
shapes, red cells alone, and cells so far out of focus that nobody could tell them.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from sklearn.datasets import load_sample_images

from core.vision.nucleus import find_nucleus

SIDE_PX = 200
_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;%()-"))

Draw = Callable[[np.random.Generator], Image.Image]


def no_cell_images(
    count: int, cells: Sequence[Image.Image], smears: Sequence[Image.Image], seed: int = 0
) -> Iterator[Image.Image]:
    """``count`` RGB images, the kinds in turn.

    Args:
        cells: images of one cell in the middle; their corners and their blurred selves are used.
        smears: images of red cells alone; windows of them are used.
        seed: of everything drawn; image i depends on it and on i alone.
    """
    photographs = [Image.fromarray(array) for array in load_sample_images().images]
    kinds: list[Draw] = [
        _paper,
        _noise,
        _shapes,
        _print,
        _clouds,
        *[lambda rng: _recoloured(_window(_any(photographs, rng), rng, 0.08, 0.9), rng)] * 3,
    ]
    if cells:
        kinds += [lambda rng: _corner(_any(cells, rng), rng)] * 2
        kinds += [lambda rng: _out_of_focus(_any(cells, rng), rng)] * 2
    if smears:
        kinds += [lambda rng: _window(_any(smears, rng), rng, 0.15, 0.5)] * 2
    for index in range(count):
        yield kinds[index % len(kinds)](np.random.default_rng([seed, index]))


def _any(images: Sequence[Image.Image], rng: np.random.Generator) -> Image.Image:
    return images[int(rng.integers(len(images)))]


def _colour(rng: np.random.Generator, low: int = 0, high: int = 256) -> tuple[int, int, int]:
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def _paper(rng: np.random.Generator) -> Image.Image:
    """Nearly one colour, lit from one side, with a little grain."""
    y, x = np.mgrid[-1 : 1 : SIDE_PX * 1j, -1 : 1 : SIDE_PX * 1j]
    slope = rng.normal(0, 15, 2)
    light = rng.integers(60, 256, 3) + (slope[0] * x + slope[1] * y)[..., None]
    grain = rng.normal(0, rng.uniform(0, 8), (SIDE_PX, SIDE_PX, 1))
    return Image.fromarray((light + grain).clip(0, 255).astype(np.uint8))


def _noise(rng: np.random.Generator) -> Image.Image:
    """Noise of one grain, coloured or grey."""
    side = int(2 ** rng.uniform(2, 7.6))
    values = rng.normal(rng.uniform(60, 200), rng.uniform(20, 80), (side, side, 3))
    if rng.random() < 0.4:
        values[...] = values[..., :1]
    small = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    return small.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)


def _shapes(rng: np.random.Generator) -> Image.Image:
    """Discs and boxes of all sizes over each other: edges as in photographs.

    Source: Lee, Mumford and Huang 2001, Occlusion models for natural images, IJCV 41:35.
    """
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(3, 120))):
        half = min(8 / rng.random() ** 0.7, 150)
        x, y = rng.uniform(0, SIDE_PX, 2)
        stretch = rng.uniform(0.4, 1.6)
        box = (x - half, y - half * stretch, x + half, y + half * stretch)
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=_colour(rng))
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2)))


def _clouds(rng: np.random.Generator) -> Image.Image:
    """Noise with as much of each size as photographs hold, in two colours.

    Source: Field 1987, Relations between the statistics of natural images, JOSA A 4:2379.
    """
    across = np.fft.fftfreq(SIDE_PX)
    frequency = np.hypot(across[:, None], across[None]) + 1 / SIDE_PX
    waves = np.fft.fft2(rng.normal(size=(SIDE_PX, SIDE_PX))) / frequency ** rng.uniform(0.8, 1.6)
    field = np.fft.ifft2(waves).real
    share = ((field - field.min()) / np.ptp(field) * rng.uniform(1, 2.5) % 1)[..., None]
    one, other = np.array(_colour(rng)), np.array(_colour(rng))
    return Image.fromarray((share * one + (1 - share) * other).astype(np.uint8))


def _recoloured(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Its channels in another order, some turned to their negative, lighter or darker."""
    pixels = np.asarray(image)[..., rng.permutation(3)].astype(float)
    if rng.random() < 0.3:
        pixels = 255 - pixels
    return Image.fromarray((255 * (pixels / 255) ** rng.uniform(0.5, 1.8)).astype(np.uint8))


def _print(rng: np.random.Generator) -> Image.Image:
    """Lines of letters, dark on light or light on dark."""
    paper, ink = _colour(rng, 200), _colour(rng, 0, 110)
    if rng.random() < 0.2:
        paper, ink = ink, paper
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), paper)
    draw, size = ImageDraw.Draw(image), int(rng.integers(9, 60))
    font = ImageFont.load_default(size)
    for y in range(int(rng.integers(-size, size)), SIDE_PX, int(size * rng.uniform(1.1, 2))):
        line = "".join(rng.choice(_LETTERS, 40))
        draw.text((rng.uniform(-20, 20), y), line, fill=ink, font=font)
    return image.rotate(rng.uniform(-8, 8), fillcolor=paper)


def _window(
    image: Image.Image, rng: np.random.Generator, smallest: float, largest: float
) -> Image.Image:
    """A square somewhere in an image, its side a share of the image's shorter side."""
    side = min(image.size) * rng.uniform(smallest, largest)
    left, top = rng.uniform(0, image.width - side), rng.uniform(0, image.height - side)
    box = (left, top, left + side, top + side)
    return image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR, box=box)


def _corner(cell: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What lies beside the cell, in the corner farthest from its nucleus: red cells or nothing."""
    nucleus = find_nucleus(cell)
    x, y = (nucleus.x, nucleus.y) if nucleus else (0, 0)
    side = min(cell.size) * rng.uniform(0.2, 0.28)
    left = 0 if x > cell.width / 2 else cell.width - side
    top = 0 if y > cell.height / 2 else cell.height - side
    box = (left, top, left + side, top + side)
    return cell.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR, box=box)


def _out_of_focus(cell: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A cell blurred over a good part of its nucleus, where its class cannot be seen."""
    nucleus = find_nucleus(cell)
    side_px = nucleus.side_px if nucleus else min(cell.size) / 3
    return cell.filter(ImageFilter.GaussianBlur(side_px * rng.uniform(0.28, 0.6)))
