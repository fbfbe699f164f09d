"""Files of several pages: how many, whether whole, and whether they are one image's channels.

Source: OME-TIFF specification 6.3, https://docs.openmicroscopy.org/ome-model/latest/ome-tiff/;
ImageJ's TIFF description, https://imagej.net/ij/developer/source/ij/io/TiffDecoder.java.html.
"""

import io
import re
from collections.abc import Iterable, Mapping

from PIL import Image, ImageFile
from PIL.TiffImagePlugin import IMAGEDESCRIPTION, TiffImageFile

from core.errors import ImageRefusedError
from core.images.samples import grey, is_planar
from core.images.strips import are_damaged, require_fitting_strips, room

MOST = 64  # pages that are looked for
_CHANNELS = 3
_SUBFILE_TYPE, _REDUCED = 254, 1
_GREY = ("L", "I;16", "I;16B")


def page_sizes(image: ImageFile.ImageFile, data: bytes) -> dict[int, tuple[int, int]]:
    """Width and height of each page by its number; previews of the first do not count.

    Of a TIFF, the first ``MOST`` are looked for.
    """
    if not isinstance(image, TiffImageFile):
        count = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
        return dict.fromkeys(range(count), image.size)
    sizes = {0: image.size}
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as pages:
        for number in range(1, MOST):
            try:
                pages.seek(number)
            except Exception:  # the end, or a page of a kind that is not read
                break
            tags = pages.tag_v2 if isinstance(pages, TiffImageFile) else {}
            reduced = int(tags.get(_SUBFILE_TYPE, 0)) & _REDUCED
            if not reduced and not _is_smaller(pages.size, image.size):
                sizes[number] = pages.size
    return sizes


def _is_smaller(page: tuple[int, int], first: tuple[int, int]) -> bool:
    """Whether it is smaller and of the same shape, but for whole pixels."""
    (width, height), (whole_width, whole_height) = page, first
    off = abs(width * whole_height - height * whole_width)
    return width < whole_width and height < whole_height and off <= whole_width + whole_height


def is_damaged(data: bytes) -> bool:
    """Whether the data of a TIFF that is read are damaged, as far as they tell."""
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
        for number in _read_pages(image, data):
            image.seek(number)
            if isinstance(image, TiffImageFile) and are_damaged(image, data):
                return True
    return False


def _read_pages(image: ImageFile.ImageFile, data: bytes) -> Iterable[int]:
    sizes = page_sizes(image, data)
    return sizes if has_channels_as_pages(image, sizes) else (0,)


def require_whole(image: TiffImageFile) -> None:
    """Refuses an opened page that lacks strips or tiles, which would be read as black.

    Raises:
        ImageRefusedError: it lacks some, or claims more than there can be.
    """
    require_fitting_strips(image)
    if any(tile.codec_name == "libtiff" for tile in image.tile):  # it tells by itself
        return
    boxes = [tile.extents for tile in image.tile if tile.extents]
    there = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
    planes = len(image.getbands()) if is_planar(image) else 1
    if there < planes * image.width * image.height:
        raise ImageRefusedError(
            "This TIFF is damaged: a part of the image is missing. Copy or save it again."
        )


def has_channels_as_pages(image: ImageFile.ImageFile, sizes: Mapping[int, tuple[int, int]]) -> bool:
    """Whether the file says that its three grey pages are red, green and blue."""
    if not isinstance(image, TiffImageFile) or image.mode not in _GREY:
        return False
    if list(sizes.values()) != [image.size] * _CHANNELS:
        return False
    told = str(image.tag_v2.get(IMAGEDESCRIPTION, ""))
    if told.startswith("ImageJ="):
        return re.search(r"^channels=3\s*$", told, re.MULTILINE) is not None
    return re.search(r'<(?:OME:)?Pixels\s[^<>]*SizeC="3"', told) is not None


def joined_channels(image: TiffImageFile, numbers: Iterable[int]) -> Image.Image:
    """Three grey pages of one size as one image, mode RGB.

    Args:
        numbers: of the pages that ``page_sizes`` gave: others may be of any size.
    """
    channels, most = [], room(image)
    for number in numbers:
        image.seek(number)
        if room(image) > most:  # than waited for room
            raise ImageRefusedError(
                "The channels of this TIFF lie in tiles of different sizes. Save it as one image."
            )
        require_whole(image)
        channels.append(grey(image))
    image.seek(0)
    return Image.merge("RGB", channels)
