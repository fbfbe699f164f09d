"""Heat maps as they were shown beside readings: one a reading and class, never overwritten."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.errors import RecordError
from core.records.store import Store
from core.records.tables import HeatMapRow, ReadingRow


@dataclass(frozen=True)
class ShownHeatMap:
    """What was drawn over a reading's image.

    Attributes:
        label: the class that it speaks for, by key.
        method, layer: how it was drawn, as on the bundle's card.
        bundle: name of the bundle.
        image: PNG, 8-bit grey, over the whole of it; white speaks most for the class.
    """

    label: str
    method: str
    layer: str
    bundle: str
    image: bytes


def keep(store: Store, reading_id: int, shown: ShownHeatMap) -> None:
    """Keeps a heat map; where one of that class was shown before, that one stays.

    Raises:
        RecordError: no such reading, its image was deleted, or the database cannot be written.
    """
    try:
        with store.write() as session:
            # Held, or its image could be deleted between the question and the deed.
            reading = session.get(ReadingRow, reading_id, with_for_update={"read": True})
            if reading is None or reading.image_deleted_at:
                raise RecordError(
                    f"There is no image of a reading {reading_id} any more to keep a heat map of. "
                    "Hand the image in again."
                )
            if session.get(HeatMapRow, (reading_id, shown.label)) is None:
                session.add(HeatMapRow(reading_id=reading_id, **vars(shown)))
    except IntegrityError:  # another process kept one in the same moment
        return


def kept(store: Store, reading_id: int) -> tuple[ShownHeatMap, ...]:
    """Those of a reading, the one that was shown first before the others.

    Raises:
        RecordError: the database cannot be read.
    """
    query = select(HeatMapRow).where(HeatMapRow.reading_id == reading_id)
    with store.read() as session:
        rows = session.scalars(query.order_by(HeatMapRow.created_at, HeatMapRow.label)).all()
    return tuple(
        ShownHeatMap(row.label, row.method, row.layer, row.bundle, row.image) for row in rows
    )
