"""Files of several pages: how many, and whether they are the channels of one image.

Source: OME-TIFF specification 6.3, https://docs.openmicroscopy.org/ome-model/latest/ome-tiff/;
ImageJ's TIFF description, https://imagej.net/ij/developer/source/ij/io/TiffDecoder.java.html.
"""

import io
import re

from PIL import Image, ImageFile
from PIL.TiffImagePlugin import IMAGEDESCRIPTION, TiffImageFile

from core.images.samples import grey

MOST = 64  # pages that are looked for
_CHANNELS = 3
_SUBFILE_TYPE, _REDUCED = 254, 1
_GREY = ("L", "I;16", "I;16B")


def page_count(image: ImageFile.ImageFile, data: bytes) -> int:
    """Pages as large as the first one, at most ``MOST``; smaller ones are previews of it."""
    if not isinstance(image, TiffImageFile):
        return 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
    count = 1
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as pages:
        for number in range(1, MOST):
            try:
                pages.seek(number)
            except Exception:  # the end, or a page of a kind that is not read
                break
            tags = pages.tag_v2 if isinstance(pages, TiffImageFile) else {}
            reduced = int(tags.get(_SUBFILE_TYPE, 0)) & _REDUCED
            count += pages.size == image.size and not reduced
    return count


def has_channels_as_pages(image: ImageFile.ImageFile, pages: int) -> bool:
    """Whether the file says that its three grey pages are red, green and blue."""
    if not isinstance(image, TiffImageFile) or pages != _CHANNELS or image.mode not in _GREY:
        return False
    told = str(image.tag_v2.get(IMAGEDESCRIPTION, ""))
    if told.startswith("ImageJ="):
        return re.search(r"^channels=3\s*$", told, re.MULTILINE) is not None
    return re.search(r'<(?:OME:)?Pixels\s[^<>]*SizeC="3"', told) is not None


def joined_channels(image: TiffImageFile) -> Image.Image:
    """Three grey pages as one image, mode RGB."""
    channels = []
    for number in range(_CHANNELS):
        image.seek(number)
        channels.append(grey(image))
    image.seek(0)
    return Image.merge("RGB", channels)
