"""A case read whole: a handful of queries, however many cells and events it has."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.records.cases import events
from core.records.cases.contents import (
    Case,
    Cell,
    FieldImage,
    Model,
    Place,
    State,
    Suggestion,
)
from core.records.tables import CaseCellRow, CaseImageRow, CaseRow, ReadingRow

_IMAGE = (
    CaseImageRow.id,
    CaseImageRow.image_hash.label("sha256"),
    CaseImageRow.name,
    CaseImageRow.width,
    CaseImageRow.height,
    CaseImageRow.um_per_px,
    CaseImageRow.um_per_px_estimated,
)
_CELL = (
    CaseCellRow.id,
    CaseCellRow.image_id,
    CaseCellRow.box_left,
    CaseCellRow.box_top,
    CaseCellRow.box_right,
    CaseCellRow.box_bottom,
    CaseCellRow.diameter_um,
    CaseCellRow.reading_id,
    ReadingRow.label,
    ReadingRow.confidence,
    ReadingRow.status,
    ReadingRow.bundle,
    ReadingRow.bundle_hash,
    ReadingRow.profile,
    ReadingRow.profile_hash,
)


def read(session: Session, row: CaseRow, places: Collection[Place], names: bool = True) -> Case:
    """A case with the acts of readers at these places.

    Args:
        names: whether user names may leave the database.
    """
    return Case(
        id=row.id,
        identifier=row.identifier,
        stain=row.stain,
        rule=row.rule,
        state=State(row.state),
        version=row.version,
        opened_at=row.opened_at,
        images=_images(session, row.id),
        cells=_cells(session, row.id),
        events=events.of_case(session, row.id, places, names),
    )


def cells(session: Session, case_id: int, ids: Collection[int]) -> dict[int, Cell]:
    """These cells by their ids, as far as they are of this case."""
    return {cell.id: cell for cell in _cells(session, case_id, ids)}


def _images(session: Session, case_id: int) -> tuple[FieldImage, ...]:
    query = select(*_IMAGE).where(CaseImageRow.case_id == case_id).order_by(CaseImageRow.id)
    return tuple(FieldImage(**one) for one in session.execute(query).mappings())


def _cells(
    session: Session, case_id: int, chosen: Collection[int] | None = None
) -> tuple[Cell, ...]:
    query = select(*_CELL).join(CaseImageRow, CaseImageRow.id == CaseCellRow.image_id)
    query = query.outerjoin(ReadingRow, ReadingRow.id == CaseCellRow.reading_id)
    query = query.where(CaseImageRow.case_id == case_id)
    if chosen is not None:
        query = query.where(CaseCellRow.id.in_(chosen))
    ordered = query.order_by(CaseCellRow.image_id, CaseCellRow.place)
    return tuple(_cell(tuple(row)) for row in session.execute(ordered))


def _cell(row: tuple[Any, ...]) -> Cell:
    number, image, left, top, right, bottom, diameter, reading, *said = row
    suggestion = None
    if reading is not None:
        label, confidence, status, *model = said
        suggestion = Suggestion(reading, label, confidence, status, Model(*model))
    return Cell(number, image, (left, top, right, bottom), diameter, suggestion)
