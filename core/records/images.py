"""Images as they were handed in, by the hash that readings carry: of each a row and a file.

The row decides, and whoever writes or deletes it holds its lock until the transaction ends; the
file is written or hidden under that lock, so that of two who do both, one comes after the other.
What is hidden goes when the deletion stands, and comes back when it does not.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import files
from core.errors import RecordError
from core.parallel import map_all
from core.records import hiding
from core.records.tables import HeatMapRow, ImageRow, ReadingRow, ThumbnailRow, now
from core.settings import Settings

_INSERT: dict[str, Callable[[type[ImageRow]], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


@dataclass(frozen=True)
class NewImage:
    """An image to keep.

    Attributes:
        sha256: of its bytes, hex.
        data: its bytes, as they were handed in.
        format: of the file, e.g. "JPEG".
        width, height: in px, as a person sees it.
        um_per_px: micrometres that a pixel is wide; None where nobody said.
    """

    sha256: str
    data: bytes
    format: str
    width: int
    height: int
    um_per_px: float | None


class ImageStore:
    """The images of one installation; safe to share by threads and by processes.

    Args:
        folder: of the files, ``ab/abcdef…`` each.
        keep_days: how long an image is kept after it came last; 0 keeps it until it is deleted.
    """

    def __init__(self, folder: Path, keep_days: int = 0) -> None:
        self.folder, self.keep_days = folder, keep_days

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """That of these settings."""
        return cls(settings.images_dir, settings.keep_images_days)

    def file(self, sha256: str) -> Path:
        """Where the bytes of an image are, if they are kept."""
        return self.folder / sha256[:2] / sha256

    def write(self, images: Sequence[NewImage]) -> None:
        """Writes the files that are not there yet, or damaged.

        Called before the transaction that ``put`` runs in: nobody else shall wait for the disk.

        Raises:
            RecordError: one cannot be written; what is there is whole.
        """
        self._write([image for image in images if not self._is_whole(image)])

    def put(self, session: Session, images: Sequence[NewImage]) -> None:
        """Keeps images, in the transaction that logs their readings; known ones are kept on.

        Raises:
            RecordError: a file cannot be written.
        """
        if not images:
            return
        insert = _INSERT[session.get_bind().dialect.name](ImageRow)
        again = insert.on_conflict_do_update(
            index_elements=[ImageRow.sha256], set_={"kept_until": insert.excluded.kept_until}
        )
        # Always in one order, so that no two transactions wait for each other.
        ordered = sorted(images, key=lambda image: image.sha256)
        session.execute(again, [self._row(one) for one in ordered])
        # Once more, for what was deleted since it was written.
        self._write([image for image in images if not self._is_there(image)])

    def get(self, session: Session, sha256: str) -> bytes | None:
        """The bytes as they were handed in; None where they are not kept.

        Raises:
            RecordError: they are there, but cannot be read or are damaged.
        """
        if session.get(ImageRow, sha256) is None:
            return None
        try:
            data = self.file(sha256).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RecordError(
                f"The image cannot be read ({error}). Let this process read {self.folder}."
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise RecordError(
                f"The image {sha256[:12]} is damaged on the disk. Restore {self.folder} from a "
                "backup, or hand the image in again."
            )
        return data

    def delete(self, session: Session, hashes: Collection[str]) -> None:
        """Deletes images and all that shows them; their readings stay and say so.

        The caller's transaction also says in the audit trail who did it. Where it is not
        committed, nothing is deleted.

        Raises:
            RecordError: a file cannot be removed.
        """
        chosen = ImageRow.sha256.in_(hashes)
        session.execute(select(ImageRow.sha256).where(chosen).with_for_update())
        of_these = ReadingRow.image_hash.in_(hashes)
        ids = select(ReadingRow.id).where(of_these).scalar_subquery()
        for shows in (ThumbnailRow, HeatMapRow):
            session.execute(delete(shows).where(shows.reading_id.in_(ids)))
        marked = update(ReadingRow).where(of_these, ReadingRow.image_deleted_at.is_(None))
        session.execute(marked.values(image_deleted_at=now()))
        session.execute(delete(ImageRow).where(chosen))
        try:
            hiding.hide(session, [self.file(sha256) for sha256 in hashes])
        except OSError as error:
            raise RecordError(
                f"The image cannot be deleted ({error}). Let this process write in {self.folder}."
            ) from error

    def deadline(self, since: datetime) -> datetime | None:
        """Until when an image is kept that came last at that moment; None: until it is deleted."""
        return since + timedelta(days=self.keep_days) if self.keep_days else None

    def _is_there(self, image: NewImage) -> bool:
        return self.file(image.sha256).is_file()

    def _is_whole(self, image: NewImage) -> bool:
        try:
            return self.file(image.sha256).read_bytes() == image.data
        except OSError:
            return False

    def _write(self, images: Sequence[NewImage]) -> None:
        if not images:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            map_all(self._write_one, images)
        except OSError as error:
            raise RecordError(
                f"The image cannot be stored ({error}). Free some space in {self.folder}, or let "
                "this process write there."
            ) from error

    def _write_one(self, image: NewImage) -> None:
        files.write_bytes(self.file(image.sha256), image.data, private=True)

    def _row(self, image: NewImage) -> dict[str, object]:
        moment = now()
        said = {key: value for key, value in vars(image).items() if key != "data"}
        return {
            **said,
            "file_bytes": len(image.data),
            "stored_at": moment,
            "kept_until": self.deadline(moment),
        }
