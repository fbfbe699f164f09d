"""Images leave when their time is over; what a crash left is mended."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from core.records import audit, hiding, schema
from core.records.images import ImageStore, NewImage
from core.records.retention import ACTOR, tidy
from core.records.store import Store
from core.records.tables import ImageRow, ReadingRow, ThumbnailRow
from tests.core.records.conftest import MakeReading
from tests.core.records.test_images import all_files, log, new, rows
from tests.threads import at_once


@pytest.fixture
def images(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "images", keep_days=30)


@pytest.fixture
def stored(store: Store, images: ImageStore, make_reading: MakeReading) -> list[NewImage]:
    """Three images, the first of which has had its time."""
    found = [new(side) for side in (60, 70, 80)]
    for image in found:
        log(store, images, make_reading, image)
    let_go(store, found[0])
    return found


def let_go(store: Store, image: NewImage) -> None:
    over = update(ImageRow).where(ImageRow.sha256 == image.sha256)
    with store.write() as session:
        session.execute(over.values(kept_until=datetime.now(UTC) - timedelta(seconds=1)))


def test_only_what_has_had_its_time_leaves_with_one_entry(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    let_go(store, stored[1])
    assert tidy(store, images) == 2
    assert all_files(images) == [stored[2].sha256]
    (entry,) = audit.entries(store)
    assert (entry.actor, entry.action) == (ACTOR, "images_expired")
    assert entry.details == {"images": 2, "keep_images_days": 30}
    assert store.reading(1).image_deleted_at
    assert store.reading(3).image_deleted_at is None
    assert tidy(store, images) == 0
    assert len(audit.entries(store)) == 1


def test_without_a_limit_nothing_leaves(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    assert tidy(store, ImageStore(images.folder)) == 0
    assert len(all_files(images)) == 3


def test_a_limit_that_is_set_later_begins_then(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    log(store, ImageStore(images.folder), make_reading, new())
    assert tidy(store, images) == 0
    (row,) = rows(store)
    assert row.kept_until
    assert row.kept_until > datetime.now(UTC) + timedelta(days=29)


def test_servers_that_tidy_at_once_delete_each_image_once(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    assert sum(at_once(4, lambda _: tidy(store, images))) == 1
    assert len(audit.entries(store)) == 1


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Store]:
    """Another database, without anything in it."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    schema.migrate(url)
    opened = Store(url)
    yield opened
    opened.close()


def make_old(images: ImageStore) -> None:
    for file in images.folder.rglob("*"):
        os.utime(file, (0, time.time() - 400 * 24 * 3600))


def told_by(store: Store, images: ImageStore) -> dict[str, int]:
    with capture_logs() as told:
        tidy(store, images)
    return {one["event"]: one.get("files", one.get("images")) for one in told}


def test_another_database_deletes_nothing_of_a_folder(
    store: Store, fresh: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    make_old(images)
    assert told_by(fresh, images) == {"images_unknown": 3}
    assert len(all_files(images)) == 3
    assert audit.entries(fresh) == []


def test_a_folder_that_is_not_mounted_costs_nothing_when_it_is_again(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    tidy(store, images)
    make_old(images)
    images.folder.rename(images.folder.with_name("elsewhere"))
    assert told_by(store, images) == {"images_missing": 2}
    images.folder.with_name("elsewhere").rename(images.folder)
    assert told_by(store, images) == {}
    assert len(rows(store)) == len(all_files(images)) == 2


def test_servers_with_folders_of_their_own_delete_nothing_of_each_other(
    store: Store, images: ImageStore, make_reading: MakeReading
) -> None:
    other = ImageStore(images.folder.with_name("other"), keep_days=30)
    log(store, images, make_reading, new(60))
    log(store, other, make_reading, new(70))
    for one in (images, other) * 2:
        make_old(one)
        tidy(store, one)
    assert len(rows(store)) == 2
    assert len(all_files(images)) == len(all_files(other)) == 1


def test_a_backup_of_the_database_costs_no_image_that_came_since(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    with store.write() as session:  # as it was before the last came
        session.execute(delete(ThumbnailRow).where(ThumbnailRow.reading_id == 3))
        session.execute(delete(ReadingRow).where(ReadingRow.id == 3))
        session.execute(delete(ImageRow).where(ImageRow.sha256 == stored[2].sha256))
    make_old(images)
    assert told_by(store, images) == {"images_unknown": 1}
    assert stored[2].sha256 in all_files(images)


def test_a_file_of_a_reading_that_says_nothing_of_a_deletion_stays(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    with store.write() as session:
        session.execute(delete(ImageRow))
    make_old(images)
    assert told_by(store, images) == {"images_unknown": 3}
    assert len(all_files(images)) == 3


def test_a_file_that_a_deletion_left_goes_with_an_entry(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    tidy(store, images)
    left = images.file(stored[0].sha256)
    left.write_bytes(stored[0].data)
    tidy(store, images)
    assert not left.exists()
    (entry,) = audit.entries(store, action="image_files_removed")
    assert (entry.actor, entry.details) == (ACTOR, {"files": 1})


@pytest.mark.parametrize("stands", [True, False])
def test_a_deletion_that_a_crash_cut_short_is_ended_as_the_database_says(
    store: Store,
    images: ImageStore,
    stored: list[NewImage],
    monkeypatch: pytest.MonkeyPatch,
    stands: bool,
) -> None:
    tidy(store, images)
    gone = [stored[1].sha256]
    with monkeypatch.context() as crash:
        crash.setattr(hiding, "_each", lambda *_: None)
        with suppress(ZeroDivisionError), store.write() as session:
            images.delete(session, gone)
            if not stands:
                raise ZeroDivisionError
    assert hiding.is_hidden(min(images.file(gone[0]).parent.iterdir()))
    tidy(store, images)
    assert all_files(images) == sorted(row.sha256 for row in rows(store))
    assert len(rows(store)) == (1 if stands else 2)


def test_drafts_of_images_that_a_kill_left_go(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    draft = images.file(stored[1].sha256).with_name(".abc.part")
    draft.write_bytes(b"half")
    make_old(images)
    tidy(store, images)
    assert not draft.exists()
