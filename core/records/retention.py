"""Images leave when their time is over, and a file never stays without its row, nor a row alone."""

import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from core.records import audit
from core.records.images import ImageStore
from core.records.store import Store
from core.records.tables import ImageRow, now

ACTOR = "retention"
AT_ONCE = 500  # so that nobody else waits long for the database
YOUNGEST_S = 24 * 3600  # a file that is younger may belong to a reading that is just being logged
PREFIXES = [f"{number:02x}" for number in range(256)]


def tidy(store: Store, images: ImageStore) -> int:
    """Deletes images whose time is over, and mends what a crash left; how many were deleted.

    Raises:
        RecordError: the database cannot be written, or an image not be deleted.
        OSError: what a crash left cannot be removed.
    """
    deleted = sum(iter(lambda: _expire(store, images), 0))
    for prefix in PREFIXES:
        _mend(store, images, prefix)
    return deleted


def _expire(store: Store, images: ImageStore) -> int:
    """Deletes some of the images whose time is over, with one entry in the audit trail."""
    if not images.keep_days:
        return 0
    moment = now()
    over = select(ImageRow.sha256).where(ImageRow.kept_until < moment).limit(AT_ONCE)
    with store.write() as session:
        # Stored while there was no limit: their time begins when one is set.
        unlimited = update(ImageRow).where(ImageRow.kept_until.is_(None))
        session.execute(unlimited.values(kept_until=images.deadline(moment)))
        hashes = session.scalars(over.with_for_update(skip_locked=True)).all()
        if hashes:
            images.delete(session, hashes)
            told = {"images": len(hashes), "keep_images_days": images.keep_days}
            audit.add(session, ACTOR, "images_expired", details=told)
    return len(hashes)


def _mend(store: Store, images: ImageStore, prefix: str) -> None:
    """Removes old files without a row and rows without a file, of hashes with this beginning."""
    folder = images.folder / prefix
    with store.read() as session:
        if _rows(session, prefix) == _files(folder):
            return
    with store.write() as session:
        if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer as it is
            session.execute(text("LOCK TABLE images IN SHARE ROW EXCLUSIVE MODE"))
        rows, there = _rows(session, prefix), _files(folder)
        session.execute(delete(ImageRow).where(ImageRow.sha256.in_(rows - there)))
        for name in there - rows:
            _remove_if_old(folder / name)


def _remove_if_old(file: Path) -> None:
    with suppress(FileNotFoundError):  # a draft became its file, or another server was first
        if time.time() - file.stat().st_mtime > YOUNGEST_S:
            file.unlink()


def _rows(session: Session, prefix: str) -> set[str]:
    return set(session.scalars(select(ImageRow.sha256).where(ImageRow.sha256.startswith(prefix))))


def _files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.is_dir() else set()
