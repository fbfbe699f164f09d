"""TIFF files of kinds that Pillow does not write."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np

SHORT, LONG, ASCII, UNDEFINED = 3, 4, 2, 7
GREY, COLOUR, MIN_IS_WHITE = 1, 2, 0
Tags = dict[int, tuple[int, tuple[int, ...] | bytes]]


def tiff(
    pages: Sequence[np.ndarray],
    photometric: int,
    description: str = "",
    *,
    planar: bool = False,
    alpha: bool = False,
    rows: int | None = None,
    left_out: int = 0,
    deflated: bool = False,
    reduced: Sequence[int] = (),
) -> bytes:
    """A little-endian TIFF.

    Args:
        rows: of a strip; all of them where it is None.
        left_out: so many strips at the end of each page are missing.
        deflated: whether its strips are compressed.
        reduced: numbers of pages that say that they are previews.
        pages: (H, W) or (H, W, C) each, uint8 or uint16; of ``planar`` files (C, H, W).
        alpha: whether the last channel is unassociated alpha.
    """
    out, link = bytearray(b"II*\0\0\0\0\0"), 4
    for number, page in enumerate(pages):
        tags = _tags(page, photometric, description, planar=planar, alpha=alpha)
        tags[254] = LONG, (int(number in reduced),)
        planes = list(page) if planar else [page]
        high = rows or len(planes[0])
        parts = [plane[top : top + high] for plane in planes for top in range(0, len(plane), high)]
        strips = [part.tobytes() for part in parts[: len(parts) - left_out]]
        if deflated:
            strips = [zlib.compress(strip) for strip in strips]
            tags[259] = SHORT, (8,)
        places = []
        for strip in strips:
            places.append(len(out))
            out += strip
        tags[273] = LONG, tuple(places)
        tags[278] = LONG, (high,)
        tags[279] = LONG, tuple(map(len, strips))
        out += b"\0" * (len(out) % 2)
        out[link : link + 4] = struct.pack("<I", len(out))
        link = _directory(out, tags)
    return bytes(out)


def tiff_of_parts(
    parts: Sequence[bytes],
    size: tuple[int, int],
    compression: int,
    tags: Tags,
    *,
    tile: tuple[int, int] | None = None,
    times: int = 1,
) -> bytes:
    """A little-endian TIFF of one page in colour, of strips or tiles that are there already.

    Args:
        tags: further ones, or other values.
        tile: width and length of a tile.
        times: each part is named so many times.
    """
    out = bytearray(b"II*\0\0\0\0\0")
    places = []
    for part in parts:
        places.append(len(out))
        out += part
    held: Tags = {
        **{256: (LONG, size[:1]), 257: (LONG, size[1:]), 258: (SHORT, (8, 8, 8))},
        **{259: (SHORT, (compression,)), 262: (SHORT, (COLOUR,)), 277: (SHORT, (3,))},
        324 if tile else 273: (LONG, tuple(places) * times),
        325 if tile else 279: (LONG, tuple(map(len, parts)) * times),
    }
    if tile:
        held |= {322: (LONG, tile[:1]), 323: (LONG, tile[1:])}
    out += b"\0" * (len(out) % 2)
    out[4:8] = struct.pack("<I", len(out))
    _directory(out, held | tags)
    return bytes(out)


def _tags(
    page: np.ndarray, photometric: int, description: str, *, planar: bool, alpha: bool
) -> Tags:
    if planar:
        channels, height, width = page.shape
    else:
        height, width, channels = (*page.shape, 1)[:3]
    tags: Tags = {
        256: (LONG, (width,)),
        257: (LONG, (height,)),
        258: (SHORT, (8 * page.itemsize,) * channels),
        259: (SHORT, (1,)),
        262: (SHORT, (photometric,)),
        277: (SHORT, (channels,)),
        278: (LONG, (height,)),
        284: (SHORT, (2 if planar else 1,)),
    }
    if description:
        tags[270] = ASCII, description.encode() + b"\0"
    if alpha:
        tags[338] = SHORT, (2,)
    return tags


def _directory(out: bytearray, tags: Tags) -> int:
    """Appends it; gives the place of the link to the next one."""
    start = len(out)
    extra = start + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, (kind, value) in sorted(tags.items()):
        packed = (
            value
            if isinstance(value, bytes)
            else struct.pack(f"<{len(value)}{'H' if kind == SHORT else 'I'}", *value)
        )
        entries += struct.pack("<HHI", tag, kind, len(value))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", extra + len(values))
            values += packed + b"\0" * (len(packed) % 2)
    out += struct.pack("<H", len(tags)) + entries + b"\0" * 4 + values
    return start + 2 + 12 * len(tags)
