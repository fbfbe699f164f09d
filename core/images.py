"""The one way in which bytes become images, for training and for predictions alike."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageOps

from core.errors import ImageRefusedError
from core.pixel_size import um_per_px

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif")
MAX_PIXELS = 40_000_000
MIN_SIDE_PX = 16
_ON_ITS_SIDE = range(5, 9)  # EXIF orientations that change width and height
CELL_SIDE_PX = 1024

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, eq=False)
class Decoded:
    """An image, and what its file says of it.

    Attributes:
        image: mode RGB, as a person would see it (EXIF-turned, on white).
        size_px: width and height of the whole image as a person sees it; ``image`` may be smaller.
        um_per_px: micrometres that a pixel of the whole image is wide; None where it is not said.
        format: of the file, one of ``FORMATS``.
    """

    image: Image.Image
    size_px: tuple[int, int]
    um_per_px: float | None
    format: str


def decode(data: bytes, *, at_least_px: int | None = None) -> Image.Image:
    """The image alone; arguments and errors as ``read``."""
    return read(data, at_least_px=at_least_px).image


def read(data: bytes, *, at_least_px: int | None = None) -> Decoded:
    """Decodes one image.

    Args:
        data: the file's bytes, not to be trusted.
        at_least_px: if only this many pixels a side are needed, a JPEG is decoded at a
            half, quarter or eighth of its size, which is several times faster.

    Raises:
        ImageRefusedError: not an image, damaged, too large or too small; says which.
    """
    try:
        return _decode(data, at_least_px)
    except ImageRefusedError:
        raise
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise _unreadable() from error


def _unreadable() -> ImageRefusedError:
    return ImageRefusedError(
        "This file is not an image that can be read, or it is damaged. "
        "Save it again as JPEG or PNG."
    )


def read_cell(data: bytes, *, at_least_px: int | None = None) -> Decoded:
    """The same for an image of one cell, as every network gets it: in training and in use.

    At most 1024 pixels on its longer side, so that a batch of huge ones fits into memory.

    Raises:
        ImageRefusedError: as ``read``.
    """
    found = read(data, at_least_px=at_least_px)
    found.image.thumbnail((CELL_SIDE_PX, CELL_SIDE_PX), Image.Resampling.BILINEAR)
    return found


def decode_cell(data: bytes, *, at_least_px: int | None = None) -> Image.Image:
    """The image of one cell alone; arguments and errors as ``read_cell``."""
    return read_cell(data, at_least_px=at_least_px).image


def _too_large() -> ImageRefusedError:
    limit = MAX_PIXELS // 1_000_000
    return ImageRefusedError(
        f"The image claims more than {limit} megapixels. Save it smaller and try again."
    )


def _decode(data: bytes, at_least_px: int | None) -> Decoded:
    if not data:
        raise ImageRefusedError("The file is empty. Choose the image again.")
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:  # Pillow itself only warns up to twice that
            raise _too_large()
        if min(image.size) < MIN_SIDE_PX:
            raise ImageRefusedError(
                f"The image is {image.width}x{image.height} pixels; "
                f"a cell needs at least {MIN_SIDE_PX}x{MIN_SIDE_PX}."
            )
        size_px, pixel_size, kind = image.size, um_per_px(image), str(image.format)
        if image.getexif().get(ExifTags.Base.Orientation, 1) in _ON_ITS_SIDE:
            size_px = size_px[::-1]
        if at_least_px is not None:
            image.draft("RGB", (at_least_px, at_least_px))
        ImageOps.exif_transpose(image, in_place=True)
        return Decoded(_to_rgb(image), size_px, pixel_size, kind)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel: keep the whole range
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        low, high = float(values.min()), float(values.max())
        scale = 255.0 / (high - low) if high > low else 0.0
        return Image.fromarray(((values - low) * scale).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        on_white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(on_white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def fit_square(image: Image.Image, side_px: int) -> np.ndarray:
    """The centred square of an RGB image, resized to (side_px, side_px, 3) uint8."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((side_px, side_px), Image.Resampling.BILINEAR, box=box))
