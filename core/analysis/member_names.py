"""Names in a ZIP, read as whoever made it wrote them.

A ZIP tells of a name that it is UTF-8, by a flag or an extra field, or nothing; then it is in the
code page of the computer that made it. General detectors of encodings need longer texts:
charset-normalizer takes single Chinese names for Korean, and German ones for Cyrillic. So what is
asked is how many characters are in daily use: those of the first level of each national standard.
All names of a ZIP are asked together. A wrong guess is a wrongly shown name, no more.
"""

import struct
import unicodedata
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from zipfile import ZipInfo

_TOLD_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_AS_READ = "cp437"  # what ``zipfile`` takes every name for that tells nothing; it has all 256 bytes
_MOSTLY = 0.5  # more than this share of what is not ASCII must be daily characters


class _Daily(NamedTuple):
    """The characters of daily use in an encoding: what they take in ``standard``, from and to."""

    encoding: str
    standard: str
    ranges: tuple[tuple[bytes, bytes], ...]


_EASTERN = (
    _Daily("cp932", "cp932", ((b"\x82\x9f", b"\x83\x96"), (b"\x88\x9f", b"\x98\x72"))),
    _Daily("gb18030", "gb2312", ((b"\xb0\xa1", b"\xd7\xf9"),)),
    _Daily("big5", "big5", ((b"\xa4\x40", b"\xc6\x7e"),)),
)


def names_of(infos: Iterable[ZipInfo]) -> dict[ZipInfo, str]:
    """The name of each member."""
    told, raw = dict[ZipInfo, str](), dict[ZipInfo, bytes]()
    for info in infos:
        if info.flag_bits & _TOLD_UTF8:
            told[info] = info.filename
            continue
        raw[info] = info.orig_filename.split("\0")[0].encode(_AS_READ)
        if path := _unicode_path(info, raw[info]):
            told[info] = path
    encoding = _encoding_of(b"\n".join(raw[info] for info in raw if info not in told))
    guessed = {info: name.decode(encoding) for info, name in raw.items() if info not in told}
    return guessed | told


def _unicode_path(info: ZipInfo, raw: bytes) -> str | None:
    """What Info-ZIP's extra field tells of this very name.

    Source: APPNOTE.TXT 6.3.10, 4.6.9.
    """
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and field[:5] == struct.pack("<BI", 1, zlib.crc32(raw)):
            with suppress(UnicodeDecodeError):
                return field[5:].decode().split("\0")[0]
    return None


def _encoding_of(names: bytes) -> str:
    if names.isascii():
        return _AS_READ
    with suppress(UnicodeDecodeError):
        if _is_of_one_alphabet(names.decode()):
            return "utf-8"
    shares = {one.encoding: _share(names, one) for one in _EASTERN}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > _MOSTLY else _AS_READ


def _is_of_one_alphabet(text: str) -> bool:
    """Whether it can be meant: two Chinese characters may read as a Cyrillic and a Latin letter."""
    letters = [c for c in text if "\u0100" <= c < "\u0800"]  # of two bytes in UTF-8
    return len({unicodedata.name(c, "").split(" ")[0] for c in letters}) < 2


def _share(names: bytes, daily: _Daily) -> float:
    """The share of daily characters in what is not ASCII."""
    try:
        text = names.decode(daily.encoding)
    except UnicodeDecodeError:
        return 0.0
    others = [place for place, c in enumerate(text) if not c.isascii()]
    around = f" {text} "
    counted = (
        _is_daily(text[place], daily) and not _is_within_a_word(around[place : place + 3])
        for place in others
    )
    return sum(counted) / len(others)


def _is_within_a_word(around: str) -> bool:
    """Whether a character alone touches letters: the West's letters with accents read as such."""
    before, after = around[0], around[2]
    return before.isascii() and after.isascii() and (before.isalpha() or after.isalpha())


def _is_daily(character: str, daily: _Daily) -> bool:
    with suppress(UnicodeEncodeError):
        code = character.encode(daily.standard)
        return any(first <= code <= last for first, last in daily.ranges)
    return False
