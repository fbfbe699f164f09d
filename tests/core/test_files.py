"""Whole or not there: with many threads, on a full disk, after a kill."""

import errno
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from stat import S_IMODE

import pytest

from core import files
from tests.threads import at_once


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("round_", range(20))
def test_threads_that_write_one_file_leave_one_of_theirs(tmp_path: Path, round_: int) -> None:
    at_once(3, lambda n: files.write_text(tmp_path / "of.json", str(n) * 5000))
    assert (tmp_path / "of.json").read_text() in {str(n) * 5000 for n in range(3)}
    assert left_in(tmp_path) == ["of.json"]


@pytest.mark.parametrize("round_", range(20))
def test_of_all_who_write_first_one_counts_for_all(tmp_path: Path, round_: int) -> None:
    given = at_once(4, lambda n: files.write_first(tmp_path / "key", f"key {n}", private=True))
    assert set(given) == {(tmp_path / "key").read_text()}
    assert left_in(tmp_path) == ["key"]
    assert S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def write_folder(path: Path, n: int) -> None:
    with files.replacing_folder(path) as draft:
        for name in ("a", "b"):
            (draft / name).write_text(str(n))


@pytest.mark.parametrize("round_", range(20))
def test_threads_that_write_one_folder_leave_one_whole(tmp_path: Path, round_: int) -> None:
    at_once(3, lambda n: write_folder(tmp_path / "of", n))
    assert len({(tmp_path / "of" / name).read_text() for name in ("a", "b")}) == 1
    assert left_in(tmp_path) == ["of"]


def new_folder(path: Path, n: int) -> bool:
    try:
        with files.new_folder(path) as draft:
            (draft / "by").write_text(str(n))
    except FileExistsError as error:
        assert error.filename == str(path)
        return False
    return True


def test_a_new_folder_is_made_by_one_alone(tmp_path: Path) -> None:
    assert sorted(at_once(3, lambda n: new_folder(tmp_path / "of", n))) == [False, False, True]
    assert left_in(tmp_path) == ["of"]


def fail(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "of.json.part")


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "of.json"
    files.write_text(file, "old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space") as told:
        files.write_text(file, "new")
    assert told.value.filename == str(file)
    assert file.read_text() == "old"
    assert left_in(tmp_path) == ["of.json"]


@pytest.mark.parametrize("write", [files.replacing, files.replacing_folder, files.new_folder])
def test_a_block_that_fails_leaves_nothing(
    tmp_path: Path, write: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    with pytest.raises(ZeroDivisionError), write(tmp_path / "of"):
        raise ZeroDivisionError
    assert left_in(tmp_path) == []


def test_what_a_kill_left_is_swept_a_day_later(tmp_path: Path) -> None:
    dead, alive = (tmp_path / f".of.json.{name}.part" for name in ("dead", "alive"))
    for draft in (dead, alive):
        draft.write_text("half")
    yesterday = time.time() - 25 * 3600
    os.utime(dead, (yesterday, yesterday))
    files.write_text(tmp_path / "of.json", "whole")
    assert left_in(tmp_path) == [".of.json.alive.part", "of.json"]


def test_a_private_file_is_for_this_account_alone(tmp_path: Path) -> None:
    files.write_text(tmp_path / "of", "x", private=True)
    assert S_IMODE((tmp_path / "of").stat().st_mode) == 0o600
    files.write_text(tmp_path / "all", "x")
    assert S_IMODE((tmp_path / "all").stat().st_mode) & 0o400


def test_what_fails_inside_names_what_failed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as failed, files.replacing(tmp_path / "of.json") as draft:
        draft.write_bytes((tmp_path / "source").read_bytes())
    assert failed.value.filename == str(tmp_path / "source")
    assert left_in(tmp_path) == []


def test_a_folder_is_swept_once_however_many_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[Path] = []
    monkeypatch.setattr(files, "sweep", swept.append)
    for name in ("a", "b", "a"):
        files.write_text(tmp_path / name, "whole")
    assert swept == [tmp_path]


def test_drafts_are_swept_whatever_their_names(tmp_path: Path) -> None:
    dead = tmp_path / ".ward[3].json.dead.part"
    dead.write_text("half")
    os.utime(dead, (0, 0))
    files.write_text(tmp_path / "ward[3].json", "whole")
    assert left_in(tmp_path) == ["ward[3].json"]
