"""Images leave when their time is over; what a crash left is mended."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.records import audit, retention
from core.records.images import ImageStore, NewImage
from core.records.retention import ACTOR, tidy
from core.records.store import Store
from core.records.tables import ImageRow
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


def test_an_old_file_without_a_row_goes_and_a_young_one_stays(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    old, young = (images.file(letter * 64) for letter in "ab")
    for file in (old, young):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"left by a kill")
    os.utime(old, (0, time.time() - 2 * 24 * 3600))
    tidy(store, images)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_row_without_a_file_goes(
    store: Store, images: ImageStore, stored: list[NewImage]
) -> None:
    images.file(stored[1].sha256).unlink()
    tidy(store, images)
    with store.read() as session:
        assert session.scalars(select(ImageRow.sha256)).all() == [stored[2].sha256]


def test_a_draft_that_becomes_its_file_meanwhile_is_let_alone(
    store: Store,
    images: ImageStore,
    stored: list[NewImage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = retention._files
    monkeypatch.setattr(retention, "_files", lambda folder: seen(folder) | {".draft.part"})
    assert tidy(store, images) == 1
    assert len(all_files(images)) == 2
