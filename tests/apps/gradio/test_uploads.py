"""The files of uploads: each belongs to somebody, and none stays."""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from apps.gradio import app
from apps.gradio.uploads import KEPT_S, Uploads
from core.errors import ImageRefusedError


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path)


def written(uploads: Uploads, *owners: str) -> Path:
    file = uploads.folder / "a" / "cell.jpg"
    file.parent.mkdir()
    file.write_bytes(b"cell")
    for owner in owners:
        uploads.add(str(file), owner)
    return file


def test_it_is_read_once_by_its_owner(uploads: Uploads) -> None:
    file = written(uploads, "ada")
    with pytest.raises(ImageRefusedError, match="upload is gone"):
        uploads.take(str(file), "bob")
    assert uploads.take(str(file), "ada") == b"cell"
    assert not file.exists()
    with pytest.raises(ImageRefusedError, match="upload is gone"):
        uploads.take(str(file), "ada")


def test_the_same_image_of_two_people_is_read_by_both(uploads: Uploads) -> None:
    file = written(uploads, "ada", "bob")
    assert uploads.take(str(file), "bob") == b"cell"
    assert uploads.take(str(file), "ada") == b"cell"
    assert not file.exists()


def test_what_nobody_asks_about_goes_after_a_while(uploads: Uploads) -> None:
    file = written(uploads, "ada")
    broken_off = uploads.folder / "tmp1234"
    broken_off.write_bytes(b"ce")
    uploads.sweep()
    assert uploads.belongs(str(file), "ada")
    old = time.time() - KEPT_S - 1
    for left in (file, broken_off):
        os.utime(left, (old, old))
    uploads.sweep()
    assert not uploads.belongs(str(file), "ada")
    assert [left for left in uploads.folder.rglob("*") if left.is_file()] == []


def test_a_sweep_that_fails_is_logged_and_the_next_comes(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    come: list[int] = []

    def sweep() -> None:
        come.append(1)
        if len(come) == 2:
            raise asyncio.CancelledError
        raise ValueError("unforeseen")

    monkeypatch.setattr(uploads, "sweep", sweep)
    monkeypatch.setattr(app, "SWEEP_S", 0)
    with capture_logs() as told, suppress(asyncio.CancelledError):
        asyncio.run(app._sweep(uploads))
    assert [one["event"] for one in told] == ["sweep_failed"]
    assert len(come) == 2
