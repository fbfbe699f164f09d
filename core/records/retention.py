"""Images leave when their time is over, and deletions that a crash cut short come to their end.

A file goes only where this database says that its image is deleted. One that it knows nothing of
may be another database's, or younger than the backup that this one was restored from; and a row
without a file may be of a disk that is not mounted. Both stay, and the log says how many.
"""

import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import files
from core.logs import log
from core.records import audit, hiding
from core.records.images import ImageStore
from core.records.store import Store
from core.records.tables import ImageRow, ReadingRow, now

ACTOR = "retention"
AT_ONCE = 500  # so that nobody else waits long for the database
YOUNGEST_S = 24 * 3600  # a file that is younger may be of a reading that is just being logged
PREFIXES = [f"{number:02x}" for number in range(256)]
UNKNOWN = (
    "They are another database's, or of predictions whose logging failed; nothing is deleted. "
    "Point BLOODCELLS_STATE_DIR at this database's folder, restore the newest backup of the "
    "database, or delete the files by hand."
)
MISSING = (
    "Nothing is deleted. Mount the folder that they are in, point BLOODCELLS_STATE_DIR at it, or "
    "restore it from a backup; servers of one database need one folder."
)


def tidy(store: Store, images: ImageStore) -> int:
    """Deletes images whose time is over, and ends what a crash cut short; how many were deleted.

    Raises:
        RecordError: the database cannot be written, or an image not be deleted.
        OSError: what a crash left cannot be removed.
    """
    deleted = sum(iter(lambda: _expire(store, images), 0))
    left: Counter[str] = Counter()
    for prefix in PREFIXES:
        left += _end_deletions(store, images.folder / prefix)
    if left["unknown"]:
        folder = str(images.folder)
        log.warning("images_unknown", files=left["unknown"], folder=folder, advice=UNKNOWN)
    if left["missing"]:
        folder = str(images.folder)
        log.error("images_missing", images=left["missing"], folder=folder, advice=MISSING)
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


def _end_deletions(store: Store, folder: Path) -> Counter[str]:
    """Of the images in one folder: ends deletions, and counts what does not fit together."""
    files.sweep(folder)
    with store.read() as session:
        rows, there, hidden = _rows(session, folder.name), _plain(folder), _hidden(folder)
        deleted = _deleted(session, there - rows)
    if hidden or deleted:
        with store.write() as session:
            if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer as it is
                session.execute(text("LOCK TABLE images IN SHARE ROW EXCLUSIVE MODE"))
            _end(session, folder)
            rows, there, hidden = _rows(session, folder.name), _plain(folder), _hidden(folder)
    left = [*hidden, *(folder / name for name in there - rows)]
    return Counter(unknown=sum(map(_is_old, left)), missing=len(rows - there))


def _end(session: Session, folder: Path) -> None:
    rows = _rows(session, folder.name)
    for file in _hidden(folder):
        if hiding.uncovered(file).name in rows:  # its deletion was not committed
            hiding.uncover(file)
    hidden = {file: hiding.uncovered(file).name for file in _hidden(folder)}
    left = hidden | {folder / name: name for name in _plain(folder) - rows}
    deleted = _deleted(session, set(left.values()))
    over = [file for file, name in left.items() if name in deleted]
    for file in over:
        file.unlink(missing_ok=True)  # who deletes it may be first
    if over:
        audit.add(session, ACTOR, "image_files_removed", details={"files": len(over)})


def _deleted(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of which this database has readings, and all of these say that they were deleted."""
    if not hashes:
        return set()
    of_each = select(ReadingRow.image_hash).where(ReadingRow.image_hash.in_(hashes))
    marked = func.count(ReadingRow.image_deleted_at) == func.count()
    return set(session.scalars(of_each.group_by(ReadingRow.image_hash).having(marked)))


def _rows(session: Session, prefix: str) -> set[str]:
    return set(session.scalars(select(ImageRow.sha256).where(_begins(ImageRow.sha256, prefix))))


def _begins(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """That a hash begins so, as an index finds it."""
    return column.between(prefix, f"{prefix}g")


def _plain(folder: Path) -> set[str]:
    return {file.name for file in _listed(folder) if not file.name.startswith(".")}


def _hidden(folder: Path) -> list[Path]:
    return [file for file in _listed(folder) if hiding.is_hidden(file)]


def _is_old(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime > YOUNGEST_S
    except FileNotFoundError:
        return False


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
