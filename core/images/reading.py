"""Bytes become images: RGB, as a person would see them."""

import ctypes
import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, _imaging
from PIL.TiffImagePlugin import TiffImageFile

from core.errors import ImageRefusedError
from core.images.border import without_border
from core.images.jpeg import exif_of, has_too_many_scans, is_jpeg, is_scalable
from core.images.pages import (
    has_channels_as_pages,
    joined_channels,
    page_sizes,
    require_whole,
)
from core.images.samples import to_rgb
from core.images.strips import room
from core.images.tags import require_fitting
from core.images.turns import MAX_PIXELS, decoding
from core.pixel_size import um_per_px

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF")
MIN_SIDE_PX = 16
CELL_SIDE_PX = 1024
_LONGEST = CELL_SIDE_PX // MIN_SIDE_PX  # longer side over shorter side
_TURNED, _ON_ITS_SIDE = range(2, 9), range(5, 9)  # EXIF orientations; those change width and height
# What stands in the place of a file that git keeps elsewhere.
_POINTERS = {
    b"version https://git-lfs.github.com/spec/": ("Git LFS", "git lfs pull"),
    b"/annex/objects/": ("git-annex", "git annex get"),
}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Of what it can do without, such as a camera's notes that are cut off; damage is an error.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# libtiff writes what Pillow raises to standard error, too, between the lines of the log. It is
# among what Pillow is linked to; where it is a part of it, as on Windows, it has no such name.
if silence := getattr(ctypes.CDLL(_imaging.__file__), "TIFFSetErrorHandler", None):
    silence(None)


@dataclass(frozen=True, eq=False)
class Decoded:
    """An image, and what its file says of it.

    Attributes:
        image: mode RGB, as a person would see it (EXIF-turned, on white, without a plain border).
        size_px: width and height of the whole image as a person sees it; ``image`` may be smaller.
        um_per_px: micrometres that a pixel of the whole image is wide; None where it is not said.
        format: of the file, one of ``FORMATS``.
        unread_pages: pages of the file beside the one that was read.
    """

    image: Image.Image
    size_px: tuple[int, int]
    um_per_px: float | None
    format: str
    unread_pages: int


@dataclass(frozen=True)
class _Wanted:
    """How an image is wanted: see ``read`` and ``read_cell``."""

    at_least_px: int | None = None
    at_most_px: int | None = None
    bordered: bool = False


def decode(data: bytes, *, at_least_px: int | None = None) -> Image.Image:
    """The image alone; arguments and errors as ``read``."""
    return read(data, at_least_px=at_least_px).image


def read(data: bytes, *, at_least_px: int | None = None, bordered: bool = False) -> Decoded:
    """Decodes one image; large ones in turns.

    Args:
        data: the file's bytes, not to be trusted.
        at_least_px: if only this many pixels a side are needed, a JPEG is decoded at a
            half, quarter or eighth of its size, which is several times faster.
        bordered: with its plain border, so that places in it are places in the file's image.

    Raises:
        ImageRefusedError: not an image, damaged, too large or too small; says which.
    """
    return _read(data, _Wanted(at_least_px, bordered=bordered))


def _read(data: bytes, wanted: _Wanted) -> Decoded:
    try:
        return _decode(data, wanted)
    except ImageRefusedError:
        raise
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        raise _unreadable(data) from error


def _unreadable(data: bytes) -> ImageRefusedError:
    for start, (keeper, command) in _POINTERS.items():
        if data.startswith(start):
            return ImageRefusedError(
                f"This is a {keeper} pointer, not the image itself. Fetch it: {command}."
            )
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
    return _read(data, _Wanted(at_least_px, CELL_SIDE_PX))


def decode_cell(data: bytes, *, at_least_px: int | None = None) -> Image.Image:
    """The image of one cell alone; arguments and errors as ``read_cell``."""
    return read_cell(data, at_least_px=at_least_px).image


def _too_large() -> ImageRefusedError:
    limit = MAX_PIXELS // 1_000_000
    return ImageRefusedError(
        f"The image claims more than {limit} megapixels. Save it smaller and try again."
    )


def _decode(data: bytes, wanted: _Wanted) -> Decoded:
    if not data:
        raise ImageRefusedError("The file is empty. Choose the image again.")
    if has_too_many_scans(data):
        raise ImageRefusedError(
            "This JPEG holds its image in more pieces than any program needs, so that to read it "
            "would take too long. Save it again as JPEG or PNG."
        )
    require_fitting(exif_of(data) if is_jpeg(data) else data)
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        taken = room(image)
        # Pillow itself only warns up to twice that; tiles at the edges may lie half outside.
        if image.width * image.height > MAX_PIXELS or taken > 2 * MAX_PIXELS:
            raise _too_large()
        _check_shape(*image.size)
        with decoding.take(taken):
            return _decoded(image, data, wanted)


def _decoded(image: ImageFile.ImageFile, data: bytes, wanted: _Wanted) -> Decoded:
    size_px, pixel_size = image.size, um_per_px(image)
    if wanted.at_least_px is not None and is_scalable(data):
        image.draft("RGB", (wanted.at_least_px, wanted.at_least_px))
    rgb, pages = _pixels(image, data)  # first: to ask a PNG for its EXIF decodes it
    image.info.pop("Raw profile type exif", None)  # ImageMagick's own way, which says no size
    require_fitting(image.info.get("exif", b""))
    turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    if turn in _TURNED:
        rgb.getexif()[ExifTags.Base.Orientation] = turn
        ImageOps.exif_transpose(rgb, in_place=True)
    shown = rgb if wanted.bordered else without_border(rgb, MIN_SIDE_PX)
    _check_shape(*shown.size)
    if wanted.at_most_px is not None:
        shown.thumbnail((wanted.at_most_px, wanted.at_most_px), Image.Resampling.BILINEAR)
    return Decoded(
        image=shown,
        size_px=size_px[::-1] if turn in _ON_ITS_SIDE else size_px,
        um_per_px=pixel_size,
        format="JPEG" if image.format == "MPO" else str(image.format),
        unread_pages=pages - 1,
    )


def _check_shape(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE_PX:
        raise ImageRefusedError(
            f"The image is {width}x{height} pixels; "
            f"a cell needs at least {MIN_SIDE_PX}x{MIN_SIDE_PX}."
        )
    if max(width, height) > _LONGEST * min(width, height):
        raise ImageRefusedError(
            f"The image is {width}x{height} pixels; that is too long and thin for a cell. "
            "Crop it to one."
        )


def _pixels(image: ImageFile.ImageFile, data: bytes) -> tuple[Image.Image, int]:
    """Mode RGB, and of how many pages it is one."""
    sizes = page_sizes(image, data)
    if isinstance(image, TiffImageFile):
        require_whole(image)
        if has_channels_as_pages(image, sizes):
            return joined_channels(image, sizes), 1
    return to_rgb(image, data), len(sizes)


def fit_square(image: Image.Image, side_px: int) -> np.ndarray:
    """The centred square of an RGB image, resized to (side_px, side_px, 3) uint8."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((side_px, side_px), Image.Resampling.BILINEAR, box=box))
