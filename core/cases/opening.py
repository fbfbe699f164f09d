"""A case is opened, and its images are added with the cells that were found in them."""

from collections.abc import Mapping

from core.access.permissions import Action, require
from core.access.rows import Account
from core.cases.deeds import subject
from core.cases.sittings import RULES
from core.errors import CaseError
from core.fields.find import FoundCell, FoundField
from core.records import audit
from core.records.cases import smears
from core.records.cases.contents import State
from core.records.cases.smears import NewCell, NewFieldImage
from core.records.history.filter import Viewer
from core.records.store import Store

LONGEST = 64  # characters of an identifier and of a stain


def open_case(store: Store, by: Account, identifier: str, stain: str, rule: int) -> int:
    """Opens a case and gives its id.

    Args:
        identifier: of the smear, as the laboratory has it; no name of a patient.
        rule: how many white cells are to be counted, one of ``RULES``.

    Raises:
        NotAllowedError: they may not.
        CaseError: there is no identifier or no such rule, or a text is too long.
        RecordError: the database cannot be written.
    """
    identifier, stain = identifier.strip(), stain.strip()
    if not identifier or max(len(identifier), len(stain)) > LONGEST:
        raise CaseError(f"A case needs an identifier; it and the stain have up to {LONGEST} signs.")
    if rule not in RULES:
        raise CaseError(f"Count {', '.join(map(str, RULES))} white cells: {rule} is no rule.")
    with store.write() as session:
        require(session, by, Action.OPEN_CASE)
        case_id = smears.open_case(session, by.id, identifier, stain, rule)
        told = {"identifier": identifier, "rule": rule}
        audit.add(session, by.username, "case_opened", subject(case_id), told)
    return case_id


def add_image(
    store: Store,
    by: Account,
    case_id: int,
    name: str,
    sha256: str,
    found: FoundField,
    readings: Mapping[int, int],
) -> int:
    """Adds an image with the cells found in it, and gives its id.

    White cells that the edge does not cut are to be counted; all others are kept for drawing.

    Args:
        sha256: of the file's bytes, hex.
        readings: by place in ``found.cells``, the id of the logged prediction; without one, the
            model could not read the cell.

    Raises:
        NotAllowedError: they may not.
        CaseError: there is no such case, it is signed, it has the image already, or a reading is
            not of this image.
        RecordError: the database cannot be written.
    """
    image = NewFieldImage(
        sha256=sha256,
        name=name,
        width=found.width,
        height=found.height,
        um_per_px=found.um_per_px,
        um_per_px_estimated=found.estimated,
        cells=tuple(
            NewCell(cell.box, cell.diameter_um, cell.score, readings.get(place))
            for place, cell in enumerate(found.cells)
            if _is_counted(cell)
        ),
        others=tuple(vars(cell) for cell in found.cells if not _is_counted(cell)),
    )
    with store.write() as session:
        require(session, by, Action.READ_CASE)
        case = smears.hold(session, case_id)
        if case.state != State.OPEN:
            raise CaseError("The case is signed. Begin an amendment to add an image.")
        image_id = smears.add_image(session, case, Viewer(by.role, by.id), image)
        told = {"image": sha256, "cells": len(image.cells)}
        audit.add(session, by.username, "case_image_added", subject(case_id), told)
    return image_id


def _is_counted(cell: FoundCell) -> bool:
    return cell.kind == "wbc" and not cell.cut
