"""Cases, their images and their cells: added, held for a deed, listed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.errors import CaseError
from core.records.cases.contents import State
from core.records.history.filter import Viewer, seen_by
from core.records.store import Store
from core.records.tables import CaseCellRow, CaseImageRow, CaseRow, ReadingRow

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class NewCell:
    """A white cell to count; ``reading_id`` is None where the model could not read it."""

    box: Box
    diameter_um: float
    score: float
    reading_id: int | None


@dataclass(frozen=True)
class NewFieldImage:
    """An image to add, with its cells in scan order.

    Attributes:
        others: cells that are drawn and measured, and not labelled one by one.
    """

    sha256: str
    name: str
    width: int
    height: int
    um_per_px: float
    um_per_px_estimated: bool
    cells: tuple[NewCell, ...]
    others: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class CaseLine:
    """A case as a list of them shows it."""

    id: int
    identifier: str
    rule: int
    state: State
    opened_at: datetime
    images: int
    cells: int


def open_case(session: Session, account_id: int, identifier: str, stain: str, rule: int) -> int:
    """Adds a case and gives its id."""
    row = CaseRow(
        identifier=identifier, stain=stain, rule=rule, state=State.OPEN, account_id=account_id
    )
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, case_id: int) -> CaseRow:
    """The row of a case, for looking.

    Raises:
        CaseError: there is no such case.
    """
    return _found(session.get(CaseRow, case_id), case_id)


def hold(session: Session, case_id: int) -> CaseRow:
    """The row of a case, held for this transaction: acts on one case come one after another.

    Raises:
        CaseError: there is no such case.
    """
    query = select(CaseRow).where(CaseRow.id == case_id).with_for_update()
    return _found(session.scalar(query), case_id)


def _found(row: CaseRow | None, case_id: int) -> CaseRow:
    if row is None:
        raise CaseError(f"There is no case {case_id}. Choose one from the list of cases.")
    return row


def add_image(session: Session, case: CaseRow, viewer: Viewer, image: NewFieldImage) -> int:
    """Adds an image with its cells to a case that is held, and gives its id.

    Raises:
        CaseError: it is in the case already, so its cells would be counted twice; or a reading is
            not of this image, or not among those that the viewer may see.
    """
    same = (CaseImageRow.case_id == case.id, CaseImageRow.image_hash == image.sha256)
    there = session.scalar(select(CaseImageRow.name).where(*same))
    if there is not None:
        raise CaseError(
            f"{image.name} is in this case already, as {there}: its cells are counted once. "
            "Add another image of the smear."
        )
    _require_readings(session, viewer, image)
    row = CaseImageRow(
        case_id=case.id,
        image_hash=image.sha256,
        name=image.name[-255:],
        width=image.width,
        height=image.height,
        um_per_px=image.um_per_px,
        um_per_px_estimated=image.um_per_px_estimated,
        others=list(image.others),
        account_id=viewer.account_id,
    )
    session.add(row)
    session.flush()
    if image.cells:
        values = [_values(row.id, place, cell) for place, cell in enumerate(image.cells)]
        session.execute(insert(CaseCellRow), values)
    return row.id


def others(store: Store, image_id: int) -> list[dict[str, Any]]:
    """The cells of an image that nobody labels one by one.

    Raises:
        CaseError: there is no such image.
    """
    with store.read() as session:
        row = session.get(CaseImageRow, image_id)
    if row is None:
        raise CaseError(f"No case has an image {image_id}. Choose one from a case.")
    return row.others


def listed(
    store: Store, state: State | None = None, identifier: str = "", limit: int = 100
) -> list[CaseLine]:
    """Cases, those longest open first, narrowed by what is given."""
    in_case = CaseImageRow.case_id == CaseRow.id
    images = select(func.count()).where(in_case).scalar_subquery()
    count = select(func.count(CaseCellRow.id)).join(CaseImageRow).where(in_case)
    query = select(CaseRow, images, count.scalar_subquery())
    query = query.order_by(CaseRow.opened_at, CaseRow.id).limit(limit)
    if state is not None:
        query = query.where(CaseRow.state == state)
    if identifier:
        query = query.where(CaseRow.identifier == identifier)
    with store.read() as session:
        return [
            CaseLine(
                row.id, row.identifier, row.rule, State(row.state), row.opened_at, n_images, cells
            )
            for row, n_images, cells in session.execute(query)
        ]


def _require_readings(session: Session, viewer: Viewer, image: NewFieldImage) -> None:
    wanted = {cell.reading_id for cell in image.cells if cell.reading_id is not None}
    of_image = (ReadingRow.image_hash == image.sha256, *seen_by(viewer))
    query = select(func.count()).where(ReadingRow.id.in_(wanted), *of_image)
    read = sum(cell.reading_id is not None for cell in image.cells)
    if session.scalar(query) != read:
        raise CaseError(
            f"What is said of the cells of {image.name} is not of this image. Read it again."
        )


def _values(image_id: int, place: int, cell: NewCell) -> dict[str, Any]:
    left, top, right, bottom = cell.box
    return {
        "image_id": image_id,
        "place": place,
        "box_left": left,
        "box_top": top,
        "box_right": right,
        "box_bottom": bottom,
        "diameter_um": cell.diameter_um,
        "score": cell.score,
        "reading_id": cell.reading_id,
    }
