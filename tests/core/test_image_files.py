"""Which files count is one rule, and names of any bytes can be shown, kept and found again."""

import errno
import os
import shutil
import socket
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.image_files import (
    MOST_BYTES,
    files_in,
    image_bytes,
    image_files,
    is_litter,
    located,
    path_in_words,
    read_at_most,
)
from core.images.turns import MAX_PIXELS
from tests.core.analysis.images import cell, encoded

PNG = encoded(cell())
LITTER = (
    ".ipynb_checkpoints/a-checkpoint.png",
    "@eaDir/a.png/SYNOPHOTO_THUMB_S.jpg",
    "#recycle/a.png",
    "__MACOSX/a.png",
    "._a.png",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
    "~$a.png",
)


def put(path: Path, data: bytes = PNG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_litter_of_systems_does_not_count(tmp_path: Path) -> None:
    image = put(tmp_path / "deep" / "a.png")
    for name in LITTER:
        put(tmp_path / "deep" / name)
    assert list(files_in(tmp_path)) == image_files(tmp_path) == [image]


@pytest.mark.parametrize("name", ["recycle", "eaDir", "thumbs.png", "a~$.png", "tmp"])
def test_what_people_name_alike_is_no_litter(name: str) -> None:
    assert not is_litter(name)


def test_a_file_counts_by_its_suffix_or_by_its_first_bytes(tmp_path: Path) -> None:
    wanted = [put(tmp_path / name) for name in ("a.jfif", "b.PNG", "c", "d.scan")]
    wanted.append(put(tmp_path / "e.jpg", b"damaged"))
    for name in ("notes.txt", "table.csv", "empty"):
        put(tmp_path / name, b"" if name == "empty" else b"words")
    assert image_files(tmp_path) == sorted(wanted)
    archive = put(tmp_path / "f.ZIP", b"PK")
    assert archive in image_files(tmp_path, also=(".zip",))


def test_links_are_followed_once_and_never_in_circles(tmp_path: Path) -> None:
    elsewhere = put(tmp_path / "elsewhere" / "a.png")
    cells = tmp_path / "cells"
    cells.mkdir()
    (cells / "batch").symlink_to(elsewhere.parent)
    (cells / "batch again").symlink_to(elsewhere.parent)
    (elsewhere.parent / "circle").symlink_to(cells)
    (cells / "b.png").symlink_to(elsewhere)
    (cells / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert image_files(cells) == [cells / "b.png", cells / "batch" / "a.png"]


def test_what_is_no_file_is_passed_over_and_nobody_waits_for_it(tmp_path: Path) -> None:
    image = put(tmp_path / "a.png")
    for name in ("pipe.png", "pipe"):
        os.mkfifo(tmp_path / name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.png"))
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    assert list(files_in(tmp_path)) == [image]  # or the next line would wait for ever
    assert image_files(tmp_path) == [image]


def test_a_link_to_nowhere_is_left_to_who_reads_it(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "circle.png").symlink_to("circle.png")
    assert image_files(tmp_path) == [tmp_path / "circle.png", tmp_path / "gone.png"]


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a" / "a.png")
    shut = put(tmp_path / "b" / "b.png").parent
    look_into = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path) == shut:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return look_into(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(PermissionError) as told:
        image_files(tmp_path)
    assert Path(told.value.filename) == shut


def test_the_largest_image_that_is_decoded_fits() -> None:
    assert MAX_PIXELS * 3 * 2 < MOST_BYTES  # 16 bits in red, green and blue


def test_no_more_than_an_image_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "large.png")
    monkeypatch.setattr("core.image_files.MOST_BYTES", len(PNG))
    assert image_bytes(path) == PNG
    os.truncate(path, len(PNG) + 1)
    with pytest.raises(OSError) as told:
        image_bytes(path)
    assert (told.value.errno, told.value.filename) == (errno.EFBIG, str(path))


def test_of_a_larger_file_a_byte_more_is_read_and_no_room_is_made_beforehand(
    tmp_path: Path,
) -> None:
    path = put(tmp_path / "large.png")
    assert read_at_most(path, MOST_BYTES) == PNG
    os.truncate(path, 2**26)  # takes no room on disk
    tracemalloc.start()
    try:
        assert len(read_at_most(path, 2**20)) == 2**20 + 1
        os.truncate(path, 2**20)
        assert len(read_at_most(path, 2**30)) == 2**20
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


def test_a_name_of_other_bytes_is_shown_kept_and_found(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/Pr\xe9l\xe8vement.png"
    try:
        Path(os.fsdecode(raw)).write_bytes(PNG)
    except OSError:
        pytest.skip("This file system knows no such names.")
    (found,) = image_files(tmp_path)
    shown = path_in_words(found)
    assert shown.endswith("/Pr\\xe9l\\xe8vement.png")
    assert image_bytes(Path(shown)) == PNG


def test_names_that_only_look_like_it_are_found(tmp_path: Path) -> None:
    for name in ("a\\xe9.png", "a\\xzz.png"):
        assert located(put(tmp_path / name)) == tmp_path / name
    assert located(tmp_path / "gone\\xzz.png") == tmp_path / "gone\\xzz.png"


def test_a_folder_that_goes_while_others_are_looked_through_holds_none(tmp_path: Path) -> None:
    first, last = put(tmp_path / "a.png"), put(tmp_path / "c" / "1.png")
    put(tmp_path / "b" / "1.png")
    found = files_in(tmp_path)
    assert next(found) == first
    shutil.rmtree(tmp_path / "b")
    assert list(found) == [last]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(files_in(tmp_path / "none"))
