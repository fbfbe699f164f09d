"""ZIP files from strangers: members are read one at a time, in memory, and counted while read.

What a ZIP's headers say about sizes is not believed: bytes count as they come out.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from core.analysis.limits import UploadLimits
from core.analysis.member_names import names_of
from core.image_files import is_litter

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
# Their decompressors give out piecewise; those of bz2 and LZMA may blow up a block at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_NAME = 120


class Member(NamedTuple):
    """A file and its bytes."""

    name: str
    data: bytes


class Unread(NamedTuple):
    """A file that was not read, and why."""

    name: str
    reason: str


def shown_name(name: str) -> str:
    """The name without path escapes, drive letters and unprintable characters, at most 120 long."""
    printable = "".join(c for c in name.replace("\\", "/") if c.isprintable())
    parts = [p for p in printable.split("/") if p not in ("", ".", "..") and not p.endswith(":")]
    return "/".join(parts)[-_MAX_NAME:] or "unnamed"


def is_zip(name: str, data: bytes) -> bool:
    """Whether this is meant to be a ZIP, by its first bytes or its name."""
    return data.startswith(_MAGIC) or name.lower().endswith(".zip")


def members(name: str, data: bytes, limits: UploadLimits) -> Iterator[Member | Unread]:
    """The files of a ZIP in its order, lazily; folders and system litter are left out."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # zipfile raises nearly anything on hostile bytes
        yield Unread(shown_name(name), "This ZIP is damaged or is no ZIP. Make it again.")
        return
    with archive:
        infos = [info for info in archive.infolist() if _counts(info)]
        if not infos:
            yield Unread(shown_name(name), "This ZIP holds no files. Put images into it.")
        yield from _unpack(name, archive, infos, limits)


def _counts(info: zipfile.ZipInfo) -> bool:
    if info.is_dir():
        return False
    parts = [part for part in PurePosixPath(info.filename).parts if part not in (".", "..")]
    return not any(is_litter(part) for part in parts)


def _unpack(
    name: str, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], limits: UploadLimits
) -> Iterator[Member | Unread]:
    left, names = limits.unpacked_bytes, names_of(infos)
    for number, info in enumerate(infos):
        if number >= limits.images:
            reason = f"holds more than {limits.images} files"
        elif left <= 0:
            reason = f"unpacks to more than {limits.unpacked_mb} MB"
        else:
            shown = shown_name(names[info])
            item, used = _read(archive, info, shown, min(limits.file_bytes, left))
            left -= used
            yield item
            continue
        rest = len(infos) - number
        yield Unread(shown_name(name), f"This ZIP {reason}; {rest} were not read. Split it.")
        return


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, most: int
) -> tuple[Member | Unread, int]:
    """The member, or why it is not read, and the bytes that were unpacked for it."""
    if info.flag_bits & 0x1:
        return Unread(shown, "It is encrypted. Make the ZIP without a password."), 0
    if info.compress_type not in _METHODS:
        return Unread(shown, "Its compression is not read here. Use the usual ZIP method."), 0
    try:
        with archive.open(info) as file:
            data = file.read(most + 1)
    except Exception:  # zipfile raises nearly anything on hostile bytes
        return Unread(shown, "It is damaged inside the ZIP. Make the ZIP again."), 0
    if len(data) > most:
        return Unread(shown, f"It unpacks to more than {most // 2**20} MB."), len(data)
    if is_zip(info.filename, data):
        return Unread(shown, "It is a ZIP inside a ZIP. Unpack it first."), len(data)
    return Member(shown, data), len(data)
