import io
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest

from core.analysis.archive import Member, Unread, members
from core.analysis.intake import CellImage, Refused, read_upload
from core.analysis.limits import MB, UploadLimits
from tests.core.analysis.images import cell, encoded, zipped

PNG = encoded(cell())
LIMITS = UploadLimits(file_mb=1, unpacked_mb=3, images=5)


def read(data: bytes, limits: UploadLimits = LIMITS) -> list[Member | Unread]:
    return list(members("cells.zip", data, limits))


def only_problem(data: bytes, limits: UploadLimits = LIMITS) -> Unread:
    [item] = read(data, limits)
    assert isinstance(item, Unread)
    return item


def test_images_come_in_order_and_litter_is_left_out():
    data = zipped(
        {
            "b/2.png": PNG,
            "a.png": b"1",
            "__MACOSX/._a.png": b"x",
            ".hidden.png": b"x",
            "b/.DS_Store": b"x",
            "Thumbs.db": b"x",
            "folder/": b"",
        }
    )
    assert read(data) == [Member("b/2.png", PNG), Member("a.png", b"1")]


def test_an_upload_of_a_zip_gives_its_images_and_what_was_refused():
    items = list(read_upload("c.zip", zipped({"a.png": PNG, "readme.txt": b"words"}), LIMITS))
    assert [type(item) for item in items] == [CellImage, Refused]
    assert [item.name for item in items] == ["a.png", "readme.txt"]


def test_a_zip_is_known_by_its_bytes_whatever_its_name():
    [item] = read_upload("cells.png", zipped({"a.png": PNG}), LIMITS)
    assert isinstance(item, CellImage)


def test_path_escapes_and_absolute_names_are_only_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = zipped({"../../evil.png": PNG, "/etc/evil.png": PNG, "C:\\evil.png": PNG})
    assert [item.name for item in read(data)] == ["evil.png", "etc/evil.png", "evil.png"]
    assert list(tmp_path.iterdir()) == []


def test_a_member_bomb_stops_at_the_limit_of_one_file():
    data = zipped({"bomb.png": b"\0" * (20 * MB)})
    assert len(data) < 100_000
    tracemalloc.start()
    try:
        assert only_problem(data) == Unread("bomb.png", "It unpacks to more than 1 MB.")
        assert tracemalloc.get_traced_memory()[1] < 10 * MB  # the rest was never unpacked
    finally:
        tracemalloc.stop()


def test_many_members_stop_at_the_limit_of_all():
    items = read(zipped({f"{n}.png": b"\0" * MB for n in range(5)}))
    assert [type(item) for item in items] == [Member] * 3 + [Unread]
    assert items[-1].reason == "This ZIP unpacks to more than 3 MB; 2 were not read. Split it."


def test_a_header_that_lies_about_the_size_is_not_believed():
    data = bytearray(zipped({"bomb.png": b"\0" * (2 * MB)}))
    size = struct.pack("<I", 2 * MB)
    while size in data:  # in the local and the central header
        at = data.index(size)
        data[at : at + 4] = struct.pack("<I", 10)
    assert only_problem(bytes(data)).reason.startswith("It is damaged inside the ZIP")


def test_too_many_images():
    items = read(zipped({f"{n}.png": PNG for n in range(8)}))
    assert len(items) == 6
    assert items[-1].reason == "This ZIP holds more than 5 files; 3 were not read. Split it."


@pytest.mark.parametrize("name", ["inner.zip", "inner.png"])
def test_a_zip_inside_is_refused(name):
    problem = only_problem(zipped({name: zipped({"a.png": PNG})}))
    assert problem == Unread(name, "It is a ZIP inside a ZIP. Unpack it first.")


def test_an_encrypted_member_is_refused():
    data = bytearray(zipped({"a.png": PNG}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    assert only_problem(bytes(data)).reason == "It is encrypted. Make the ZIP without a password."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bound_are_refused(method):
    problem = only_problem(zipped({"a.png": PNG}, method))
    assert problem.reason == "Its compression is not read here. Use the usual ZIP method."


def test_a_damaged_member_leaves_the_others():
    data = bytearray(zipped({"a.png": PNG, "b.png": PNG}, zipfile.ZIP_STORED))
    data[data.index(PNG) + 50] ^= 0xFF
    first, second = read(bytes(data))
    assert first == Unread("a.png", "It is damaged inside the ZIP. Make the ZIP again.")
    assert second == Member("b.png", PNG)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing more", b"words"])
def test_what_is_no_zip_is_refused(data):
    assert only_problem(data).reason == "This ZIP is damaged or is no ZIP. Make it again."


def test_an_empty_zip_is_refused():
    assert only_problem(zipped({})).reason == "This ZIP holds no files. Put images into it."


def test_members_are_read_one_at_a_time(monkeypatch):
    data, opened = zipped({"a.png": PNG, "b.png": PNG}), []
    whole = zipfile.ZipFile.open
    monkeypatch.setattr(
        zipfile.ZipFile, "open", lambda self, info: opened.append(info) or whole(self, info)
    )
    items = members("c.zip", data, LIMITS)
    next(items)
    assert len(opened) == 1


def test_data_after_the_archive_changes_nothing():
    data = io.BytesIO(zipped({"a.png": PNG})).getvalue() + b"\0" * 10
    assert [item.name for item in read(data)] == ["a.png"]


def written(names: list[str], encoding: str) -> bytes:
    """A ZIP as a program of Windows writes it: names in its code page, and nothing told of it."""
    plain = [
        f"{number}" + "n" * (len(name.encode(encoding)) - 1) for number, name in enumerate(names)
    ]
    data = zipped(dict.fromkeys(plain, PNG))
    for one, name in zip(plain, names, strict=True):
        data = data.replace(one.encode(), name.encode(encoding))
    return data


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("血涂片/中性粒细胞.png", "gbk"),
        ("血片.png", "gbk"),
        ("朱镕基.png", "gbk"),
        ("囍/血涂片.png", "gbk"),
        ("WBC白细胞x40.png", "gbk"),
        ("标本a1.png", "gbk"),
        ("血液抹片/嗜中性球.png", "big5"),
        ("標本.png", "big5"),
        ("病人.png", "big5"),
        ("図.png", "utf-8"),
        ("血液標本/リンパ球.png", "cp932"),
        ("検体１/好塩基球.png", "cp932"),
        ("図.png", "cp932"),
        ("Köln/größe.png", "cp437"),
        ("MÜLLER/ÖL.PNG", "cp437"),
        ("España/Niño.png", "cp437"),
        ("Prélèvement.png", "cp437"),
        ("Prélèvement 10µm.png", "utf-8"),
        ("кровь.png", "utf-8"),
    ],
)
def test_names_in_code_pages_are_read(name: str, encoding: str) -> None:
    assert [item.name for item in read(written([name], encoding))] == [name]


def test_names_of_one_zip_are_read_alike() -> None:
    names = ["镕.png", "中性粒细胞.png"]  # the first alone could be anything
    assert [item.name for item in read(written(names, "gbk"))] == names


def test_no_bytes_in_a_name_are_too_strange() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        raw = bytes(random.integers(1, 256, 12, dtype=np.uint8)).replace(b"/", b"x")
        data = zipped({"0nnnnnnnnnnn": PNG}).replace(b"0nnnnnnnnnnn", raw)
        [item] = read(data) or [None]
        assert item is None or item.name


def unicode_path(raw: bytes, told: bytes, crc: int | None = None, version: int = 1) -> bytes:
    """Info-ZIP's extra field 0x7075."""
    check = zlib.crc32(raw) if crc is None else crc
    field = struct.pack("<BI", version, check) + told
    return struct.pack("<HH", 0x7075, len(field)) + field


def with_extra(raw: bytes, extra: bytes) -> bytes:
    """A ZIP of one member of that name, with an extra field."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("n" * len(raw))
        info.extra = extra
        archive.writestr(info, PNG)
    return buffer.getvalue().replace(b"n" * len(raw), raw)


def test_the_name_that_an_extra_field_tells_is_taken() -> None:
    raw, name = "囍.png".encode("gbk"), "囍.png"
    extra = struct.pack("<HHB", 0x9999, 1, 7) + unicode_path(raw, name.encode())
    assert [item.name for item in read(with_extra(raw, extra))] == [name]


@pytest.mark.parametrize(
    "extra",
    [
        unicode_path(b"a.png", b"\xff.png"),
        unicode_path(b"a.png", b"other.png", crc=0),
        unicode_path(b"a.png", b"other.png", version=2),
    ],
    ids=["no UTF-8", "of another name", "unknown version"],
)
def test_an_extra_field_that_does_not_fit_is_passed_over(extra: bytes) -> None:
    assert [item.name for item in read(with_extra(b"a.png", extra))] == ["a.png"]


def test_an_extra_field_that_is_cut_off_is_damage() -> None:
    assert "damaged" in only_problem(with_extra(b"a.png", b"up\x60\xeax")).reason


def test_an_extra_field_leads_out_of_no_folder() -> None:
    extra = unicode_path(b"a.png", "../../étc/\n=1.png".encode())
    assert [item.name for item in read(with_extra(b"a.png", extra))] == ["étc/=1.png"]


@pytest.mark.parametrize("name", ["größe.png", "血涂片.png", "図.png", "кровь µ.png"])
def test_names_whose_encoding_is_told_are_as_told(name: str) -> None:
    assert [item.name for item in read(zipped({name: PNG}))] == [name]
