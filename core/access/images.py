"""Whose eyes an image is for, and who may delete it. No image leaves by another way."""

from sqlalchemy import func, select

from core.access.permissions import Action, require
from core.access.rows import Account
from core.records import audit
from core.records.history.filter import Viewer, no_reading, seen_by
from core.records.images import ImageStore
from core.records.store import Store
from core.records.tables import ReadingRow


def image_of(store: Store, images: ImageStore, viewer: Viewer, reading_id: int) -> bytes | None:
    """The image that a reading is about, as it was handed in; None where it is not kept.

    Raises:
        RecordError: there is no such reading among those that the viewer may see, or the file is
            damaged.
    """
    query = select(ReadingRow).where(ReadingRow.id == reading_id, *seen_by(viewer))
    with store.read() as session:
        reading = session.scalar(query)
        if reading is None:
            raise no_reading(reading_id)
        # What was deleted for a reading stays so for it, also where it was handed in anew.
        return None if reading.image_deleted_at else images.get(session, reading.image_hash)


def delete_image(store: Store, images: ImageStore, by: Account, reading_id: int) -> None:
    """Deletes the image of a reading with its thumbnails and heat maps; the readings of it stay.

    For admins alone: an image may belong to readings of several people, and whoever asked must not
    take away by what a prediction of theirs can be judged.

    Raises:
        NotAllowedError: they may not, or not any more.
        RecordError: no such reading, or the image cannot be deleted; then nothing is.
    """
    with store.write() as session:
        require(session, by, Action.DELETE_IMAGE)
        sha256 = session.scalar(select(ReadingRow.image_hash).where(ReadingRow.id == reading_id))
        if sha256 is None:
            raise no_reading(reading_id)
        count = select(func.count()).where(ReadingRow.image_hash == sha256)
        told = {"reading": reading_id, "readings": session.scalar(count)}
        audit.add(session, by.username, "image_deleted", sha256, told)
        images.delete(session, [sha256])
