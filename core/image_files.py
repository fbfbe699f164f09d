"""Which files of a folder are images: one rule for every door.

What systems and programs leave beside images is passed over, links are followed, and a file
counts by its suffix or, without a known one, by its first bytes.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_PIECE = 2**18  # bytes
MOST_BYTES = 256 * 2**20  # 40 million pixels of 16 bits in red, green and blue are 229 MiB

SUFFIXES = (
    *(".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".bmp", ".dib"),
    *(".tif", ".tiff", ".webp", ".gif"),
)
# Of macOS, Windows, Synology, QNAP and other file shares; all hidden names come on top.
_LITTER = {
    "__macosx",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "$recycle.bin",
    "system volume information",
    "@eadir",
    "@tmp",
    "#recycle",
    "#snapshot",
    "@recycle",
    "@recently-snapshot",
    ".@__thumb",
    "lost+found",
}
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"GIF8")
_ESCAPED = re.compile(rb"\\x([89a-f][0-9a-f])")


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name was left by a system or a program, not put there."""
    return name.startswith((".", "~$")) or name.lower() in _LITTER


def files_in(folder: Path) -> Iterator[Path]:
    """Every file in a folder but litter, folder by folder in order; links are followed.

    A folder that is reached by several links counts once. Pipes, sockets and devices are no files,
    and a folder that goes meanwhile holds none.

    Raises:
        OSError: a folder in it cannot be read, or it is not there itself.
    """
    seen: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError) or not seen:
            raise error

    for place, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        stat = _stat(Path(place))
        if stat is None or (stat.st_dev, stat.st_ino) in seen:
            folders.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if not is_litter(name))
        found = (Path(place, name) for name in sorted(names) if not is_litter(name))
        # A link to nowhere is told by whoever reads it; to open a pipe may wait for ever.
        yield from (path for path in found if path.is_file() or not path.exists())


def _stat(place: Path) -> os.stat_result | None:
    try:
        return place.stat()
    except FileNotFoundError:
        return None


def image_files(folder: Path, also: Iterable[str] = ()) -> list[Path]:
    """The images in a folder and the folders in it, sorted; raises as ``files_in``.

    Args:
        also: further suffixes that count, in small letters.
    """
    return sorted(path for path in files_in(folder) if _counts(path, (*SUFFIXES, *also)))


def is_image(name: str, data: bytes) -> bool:
    """Whether a file of this name counts as an image; 12 bytes of it will do."""
    return name.lower().endswith(SUFFIXES) or _begins_as_image(data)


def _counts(path: Path, suffixes: tuple[str, ...]) -> bool:
    if path.suffix.lower() in suffixes:
        return True
    try:
        with path.open("rb") as file:
            return _begins_as_image(file.read(12))
    except OSError:
        return False


def _begins_as_image(data: bytes) -> bool:
    return data.startswith(_MAGIC) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def path_in_words(path: Path | str) -> str:
    """A path that can be shown and kept: bytes that are not UTF-8 as ``\\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def image_bytes(path: Path) -> bytes:
    """What is in an image file, by its path or by what ``path_in_words`` gave of it.

    Raises:
        OSError: it cannot be read, or is larger than any image that is decoded.
    """
    data = read_at_most(located(path), MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"larger than {MOST_BYTES // 2**20} MB", str(path))
    return data


def read_at_most(path: Path, most: int) -> bytes:
    """What is in a file; of a larger one, a byte more than ``most`` tells so."""
    data = bytearray()
    with path.open("rb") as file:
        # In pieces: Python makes room for all that is asked for, however little there is.
        while more := file.read(min(_PIECE, most + 1 - len(data))):
            data += more
    return bytes(data)


def located(path: Path) -> Path:
    """The file that ``path_in_words`` gave this path of."""
    if path.exists():
        return path
    raw = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), os.fsencode(path))
    return Path(os.fsdecode(raw))
