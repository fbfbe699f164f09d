"""Heat maps drawn over the image that they belong to, so that the cell stays visible."""

import io

import numpy as np
from PIL import Image

# Viridis without its purple end, which looks like stain: even in lightness, also to those who do
# not tell red from green, and no colour of a stained cell.
# Source: Smith and van der Walt 2015, matplotlib.
COLOURS = ((42, 120, 142), (30, 156, 137), (68, 191, 112), (155, 217, 60), (253, 231, 37))
OPACITY = 0.5  # where most speaks for the class; where nothing does the image stands alone


def painted(image: Image.Image, heat: bytes) -> Image.Image:
    """An RGB image with a map over it.

    Args:
        heat: PNG, 8-bit grey, over the whole image, of any size.
    """
    with Image.open(io.BytesIO(heat)) as small:
        large = small.convert("L").resize(image.size, Image.Resampling.BICUBIC)
    share = np.linspace(0, 1, len(COLOURS))
    levels = np.arange(256) / 255
    curves = np.stack([np.interp(levels, share, channel) for channel in zip(*COLOURS, strict=True)])
    colours = Image.fromarray(curves.T.round().astype(np.uint8)[np.asarray(large)])
    return Image.composite(colours, image, large.point(lambda level: level * OPACITY))
