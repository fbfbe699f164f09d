"""How large a pixel is in the specimen, where a file says so.

Only TIFF is asked: the density that JPEG and PNG name is one for printers. Of what a TIFF names,
only that counts which a microscope can give.

Source: OME-TIFF specification 6.3, https://docs.openmicroscopy.org/ome-model/latest/ome-tiff/.
"""

import html
import re

from PIL import Image
from PIL.TiffImagePlugin import (
    IMAGEDESCRIPTION,
    RESOLUTION_UNIT,
    X_RESOLUTION,
    Y_RESOLUTION,
    TiffImageFile,
)

PLAUSIBLE_UM = (0.01, 2.0)  # from the finest objective to one in whose images no cell is told
_UM_PER_RESOLUTION_UNIT = {2: 25_400.0, 3: 10_000.0}  # inch, centimetre
_UM_PER_OME_UNIT = {"nm": 1e-3, "µm": 1.0, "μm": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}


def um_per_px(image: Image.Image) -> float | None:
    """Micrometres a pixel of an opened file; None where it does not say, or nothing likely."""
    if not isinstance(image, TiffImageFile):
        return None
    try:
        found = _of_ome(str(image.tag_v2.get(IMAGEDESCRIPTION, ""))) or _of_resolution(image)
    except (ArithmeticError, TypeError, ValueError):  # tags may hold anything
        return None
    low, high = PLAUSIBLE_UM
    return found if found is not None and low <= found <= high else None


def _of_ome(description: str) -> float | None:
    pixels = re.search(r"<(?:OME:)?Pixels\s[^<>]*>", description)
    said = dict(re.findall(r'(PhysicalSize\w{1,8})="([^"]*)"', pixels[0])) if pixels else {}
    unit = html.unescape(said.get("PhysicalSizeXUnit", "µm"))
    if "PhysicalSizeX" not in said or unit not in _UM_PER_OME_UNIT:
        return None
    return float(said["PhysicalSizeX"]) * _UM_PER_OME_UNIT[unit]


def _of_resolution(image: TiffImageFile) -> float | None:
    unit = _UM_PER_RESOLUTION_UNIT.get(image.tag_v2.get(RESOLUTION_UNIT, 2))
    across, down = (float(image.tag_v2.get(tag, 0)) for tag in (X_RESOLUTION, Y_RESOLUTION))
    # Pixels that are not square have no single size.
    return unit / across if unit and across > 0 and abs(across - down) <= 0.01 * across else None
