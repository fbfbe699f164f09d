"""Images are kept whole, once, with their readings; deleting leaves nothing that shows them."""

import errno
import hashlib
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from core import files
from core.errors import LogFailedError, RecordError
from core.prediction import CellRef
from core.records import heat_maps
from core.records.heat_maps import ShownHeatMap
from core.records.images import ImageStore, NewImage
from core.records.readings import NewReading
from core.records.store import Store
from core.records.tables import ImageRow, ReadingRow
from tests.core.analysis.images import cell, encoded
from tests.core.records.conftest import MakeReading
from tests.threads import at_once

SHOWN = ShownHeatMap("neutrophil", "Grad-CAM", "blocks.4", "first", b"\x89PNG")


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images")


def new(side: int = 60) -> NewImage:
    data = encoded(cell(side, 70))
    return NewImage(hashlib.sha256(data).hexdigest(), data, "PNG", side, 70, 0.1)


def log(store: Store, images: ImageStore, make_reading: MakeReading, image: NewImage) -> int:
    return store.log([reading_of(make_reading, image)], images=images)[0]


def reading_of(make_reading: MakeReading, image: NewImage) -> NewReading:
    reading = make_reading(cell=CellRef(image.sha256, "a.png"))
    return replace(reading, thumbnail=b"small", image=image)


def get(store: Store, images: ImageStore, sha256: str) -> bytes | None:
    with store.read() as session:
        return images.get(session, sha256)


def rows(store: Store) -> list[ImageRow]:
    with store.read() as session:
        return list(session.scalars(select(ImageRow)))


def all_files(images: ImageStore) -> list[str]:
    return sorted(file.name for file in images.folder.rglob("*") if file.is_file())


def test_what_was_handed_in_comes_back_untouched(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()
    log(store, images, make_reading, image)
    assert get(store, images, image.sha256) == image.data
    (row,) = rows(store)
    assert (row.format, row.width, row.height, row.um_per_px) == ("PNG", 60, 70, 0.1)
    assert (row.file_bytes, row.kept_until) == (len(image.data), None)
    file = images.file(image.sha256)
    assert file == images.folder / image.sha256[:2] / image.sha256
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_threads_that_store_one_image_leave_one(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()
    ids = at_once(8, lambda _: log(store, images, make_reading, image))
    assert len(set(ids)) == 8
    assert len(rows(store)) == 1
    assert all_files(images) == [image.sha256]
    assert get(store, images, image.sha256) == image.data


def test_an_image_twice_in_one_batch_is_kept_once(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()
    store.log([reading_of(make_reading, image)] * 2, images=images)
    assert len(rows(store)) == 1


def test_a_full_disk_logs_nothing_and_leaves_no_half_file(
    store: Store, images: ImageStore, make_reading: MakeReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(files, "_sync", full)
    with pytest.raises(LogFailedError, match="Free some space"):
        log(store, images, make_reading, new())
    assert all_files(images) == []
    assert rows(store) == []
    with store.read() as session:
        assert session.scalar(select(func.count(ReadingRow.id))) == 0


def test_a_reading_that_cannot_be_logged_keeps_no_image(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()
    with pytest.raises(LogFailedError):
        store.log([replace(reading_of(make_reading, image), account_id=99)], images=images)
    assert rows(store) == []
    assert get(store, images, image.sha256) is None


@pytest.mark.parametrize(
    "damaged", [lambda one: one.data[:50], lambda one: one.data[:-1] + b"?"], ids=["short", "bits"]
)
def test_a_damaged_file_is_told_and_mended_by_the_same_image(
    store: Store,
    images: ImageStore,
    make_reading: MakeReading,
    damaged: Callable[[NewImage], bytes],
) -> None:
    image = new()
    log(store, images, make_reading, image)
    images.file(image.sha256).write_bytes(damaged(image))
    with pytest.raises(RecordError, match="damaged"):
        get(store, images, image.sha256)
    log(store, images, make_reading, image)
    assert get(store, images, image.sha256) == image.data


def test_a_file_that_is_gone_is_not_kept_until_it_comes_again(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()
    log(store, images, make_reading, image)
    images.file(image.sha256).unlink()
    assert get(store, images, image.sha256) is None
    log(store, images, make_reading, image)
    assert get(store, images, image.sha256) == image.data


def test_coming_again_it_is_kept_longer(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    images.keep_days = 10
    log(store, images, make_reading, new())
    with store.write() as session:
        session.scalars(select(ImageRow)).one().kept_until = datetime.now(UTC)
    log(store, images, make_reading, new())
    (row,) = rows(store)
    assert row.kept_until
    assert row.kept_until > datetime.now(UTC) + timedelta(days=9)


def test_deleting_leaves_the_reading_and_nothing_that_shows_the_image(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image, other = new(), new(80)
    one, two = (log(store, images, make_reading, image) for _ in range(2))
    stays = log(store, images, make_reading, other)
    for reading_id in (one, stays):
        heat_maps.keep(store, reading_id, SHOWN)
    with store.write() as session:
        images.delete(session, [image.sha256])
    assert all_files(images) == [other.sha256]
    for reading_id in (one, two):
        found = store.reading(reading_id)
        assert found.image_deleted_at
        assert found.thumbnail is None
        assert found.prediction.label == "neutrophil"
        assert heat_maps.kept(store, reading_id) == ()
    assert store.reading(stays).image_deleted_at is None
    assert store.reading(stays).thumbnail == b"small"
    assert heat_maps.kept(store, stays) == (SHOWN,)


def test_a_deletion_that_is_not_committed_deletes_nothing(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()
    log(store, images, make_reading, image)

    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk is full"))

    event.listen(store.engine, "commit", fail)
    with pytest.raises(RecordError), store.write() as session:
        images.delete(session, [image.sha256])
    event.remove(store.engine, "commit", fail)
    assert get(store, images, image.sha256) == image.data
    assert all_files(images) == [image.sha256]
    assert store.reading(1).image_deleted_at is None


def test_a_second_file_that_cannot_be_removed_brings_the_first_back(
    store: Store, images: ImageStore, make_reading: MakeReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = new(60), new(70)
    for image in (first, second):
        log(store, images, make_reading, image)

    def locked(path: Path, *args: Path) -> Path:
        if path == images.file(second.sha256):
            raise PermissionError("not yours")
        return rename(path, *args)

    rename = Path.rename
    monkeypatch.setattr(Path, "rename", locked)
    with pytest.raises(RecordError), store.write() as session:
        images.delete(session, [first.sha256, second.sha256])
    assert [get(store, images, one.sha256) for one in (first, second)] == [first.data, second.data]


def test_deleting_and_storing_at_once_leave_row_and_file_or_neither(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    image = new()

    def deed(number: int) -> None:
        if number % 2:
            log(store, images, make_reading, image)
        else:
            with store.write() as session:
                images.delete(session, [image.sha256])

    for _ in range(5):
        at_once(6, deed)
        kept = rows(store)
        assert all_files(images) == [row.sha256 for row in kept]
        if kept:
            assert get(store, images, image.sha256) == image.data
