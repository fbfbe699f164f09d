"""What comes in from outside, not to be trusted: one image, or a ZIP of them.

Nothing is written to disk, and a name is only ever shown, never opened.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from core.analysis.archive import Member, is_zip, members, shown_name
from core.analysis.field import measure
from core.analysis.limits import UploadLimits
from core.errors import FieldImageError, ImageRefusedError
from core.images import doubt, read_cell
from core.logs import log

FIELD = (
    "This looks like a whole microscope field, or no blood at all, not like one cell. "
    "Crop the image to one cell in the middle and try again."
)
FAILED = (
    "This image could not be worked on, though it can be read; the log of the server holds the "
    "reason. Crop it to one cell in the middle, or save it again as PNG."
)


@dataclass(frozen=True, eq=False)
class CellImage:
    """An image of one cell, ready for a prediction.

    Attributes:
        name: file name, for showing only.
        sha256: of the file's bytes, hex.
        rgb: mode RGB, at most 1024 pixels on the longer side.
        encoded: the file's bytes, as they were handed in.
        size_px: width and height of the whole image as a person sees it.
        um_per_px: micrometres that a pixel of it is wide; None where its file does not say.
        format: of the file, e.g. "JPEG".
        doubt: why a person should look at it, whatever is predicted; None for no reason.
    """

    name: str
    sha256: str
    rgb: Image.Image
    encoded: bytes
    size_px: tuple[int, int]
    um_per_px: float | None
    format: str
    doubt: str | None = None


@dataclass(frozen=True)
class Refused:
    """A file that gets no prediction, and why."""

    name: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        """JSON-ready, beside the predictions in one list."""
        return {"name": self.name, "error": self.reason}


def failed(name: str, error: Exception) -> Refused:
    """The refusal of an image that a step could not take; notes the step's error in the log."""
    log.error("image_failed", exc_info=error)
    return Refused(name, FAILED)


def read_image(name: str, data: bytes, at_least_px: int | None = None) -> CellImage:
    """Reads one image of one cell.

    Args:
        name: as the user calls it.
        data: the file's bytes.
        at_least_px: side that the network needs (``Predictor.side_px``): JPEGs are then
            decoded no larger than that calls for, as they were for training.

    Raises:
        ImageRefusedError: not an image, damaged, too large or too small.
        FieldImageError: a whole microscope field.
    """
    found = read_cell(data, at_least_px=at_least_px)
    try:
        is_field, doubts = measure(found.image).is_field, doubt(found, data)
    except Exception as error:  # whatever an image provokes stays with it; it is logged
        raise ImageRefusedError(failed(shown_name(name), error).reason) from error
    if is_field:
        raise FieldImageError(FIELD + _pages_in_words(found.unread_pages + 1))
    return CellImage(
        name=shown_name(name),
        sha256=hashlib.sha256(data).hexdigest(),
        rgb=found.image,
        encoded=data,
        size_px=found.size_px,
        um_per_px=found.um_per_px,
        format=found.format,
        doubt=doubts,
    )


def _pages_in_words(count: int) -> str:
    if count == 1:
        return ""
    return f" The file holds {count} pages, of which only the first was read."


def read_upload(
    name: str, data: bytes, limits: UploadLimits, at_least_px: int | None = None
) -> Iterator[CellImage | Refused]:
    """Reads one uploaded file, lazily: an image, or each image of a ZIP. Never raises."""
    return (read_file(file, at_least_px) for file in files_of(name, data, limits))


def files_of(name: str, data: bytes, limits: UploadLimits) -> Iterator[Member | Refused]:
    """The files of an upload, lazily: itself, or those of a ZIP; none is decoded yet."""
    if len(data) > limits.file_bytes:
        reason = f"The file is larger than {limits.file_mb} MB. Save it smaller, or split it."
        yield Refused(shown_name(name), reason)
    elif is_zip(name, data):
        for member in members(name, data, limits):
            yield member if isinstance(member, Member) else Refused(*member)
    else:
        yield Member(name, data)


def read_file(file: Member | Refused, at_least_px: int | None = None) -> CellImage | Refused:
    """Reads one file that ``files_of`` gave. Never raises."""
    if isinstance(file, Refused):
        return file
    try:
        return read_image(file.name, file.data, at_least_px)
    except ImageRefusedError as error:
        return Refused(shown_name(file.name), str(error))
