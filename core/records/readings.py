"""A prediction as it goes into the log, and as it comes back with people's labels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from core.morphology import Observed
from core.prediction import Box, CellRef, Prediction, ReferenceCell, Status
from core.records.images import NewImage
from core.records.tables import LabelRow, ReadingRow


@dataclass(frozen=True)
class NewReading:
    """A prediction ready to be logged.

    Attributes:
        account_id: who asked; None for nobody signed in.
        um_per_px: the image's pixel size in micrometres; None where it is not known.
        thumbnail: a small image, encoded; None where none may be kept.
        image: what was handed in; None where it may not be kept.
    """

    prediction: Prediction
    account_id: int | None = None
    um_per_px: float | None = None
    thumbnail: bytes | None = None
    image: NewImage | None = None


@dataclass(frozen=True)
class PersonLabel:
    """A label that a person gave; ``by`` is None where the viewer may not see names."""

    label: str
    account_id: int
    by: str | None
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True)
class LoggedReading:
    """A reading as it was shown, and all labels given since, oldest first.

    Attributes:
        by: user name of who asked, None for nobody signed in or where names are hidden.
        um_per_px: the image's pixel size in micrometres; None where it is not known.
        thumbnail: a small image, encoded; None where none is kept.
        person_label: the person's label that counts now, None where nobody gave one.
        sheet_id: the work list that it stands on, None for none.
        image_deleted_at: when its image was deleted, None where it was not.
    """

    id: int
    at: datetime
    by: str | None
    source: str
    prediction: Prediction
    um_per_px: float | None
    thumbnail: bytes | None
    person_label: str | None
    labels: tuple[PersonLabel, ...]
    sheet_id: int | None
    image_deleted_at: datetime | None

    @property
    def is_example(self) -> bool:
        """Whether it is about one of the drawn cells of the project."""
        return self.source == "example"

    @property
    def standing(self) -> PersonLabel | None:
        """The person's label that counts now, with who gave it."""
        return next((one for one in reversed(self.labels) if one.undone_at is None), None)


def parts_of_reading(names: bool = True) -> list[ExecutableOption]:
    """What to load with a row for ``logged_reading``; without names no account is read."""
    labels = selectinload(ReadingRow.labels)
    options: list[ExecutableOption] = [joinedload(ReadingRow.thumbnail), labels]
    if names:
        options += [selectinload(ReadingRow.account), labels.selectinload(LabelRow.account)]
    return options


def logged_reading(row: ReadingRow, names: bool = True) -> LoggedReading:
    """The frozen form of a row loaded with ``parts_of_reading``, with or without user names."""
    labels = tuple(
        PersonLabel(
            given.label,
            given.account_id,
            given.account.username if names else None,
            given.created_at,
            given.undone_at,
        )
        for given in row.labels
    )
    by = row.account.username if names and row.account else None
    return LoggedReading(
        id=row.id,
        at=row.created_at,
        by=by,
        source=row.source,
        prediction=_prediction(row),
        um_per_px=row.um_per_px,
        thumbnail=row.thumbnail.image if row.thumbnail else None,
        person_label=row.person_label,
        labels=labels,
        sheet_id=row.sheet_id,
        image_deleted_at=row.image_deleted_at,
    )


def _prediction(row: ReadingRow) -> Prediction:
    return Prediction(
        cell=CellRef(row.image_hash, row.image_name, _box(row)),
        label=row.label,
        confidence=row.confidence,
        probabilities=row.probabilities,
        attributes={key: Observed(**seen) for key, seen in (row.attributes or {}).items()},
        reference_cells=tuple(ReferenceCell(**cell) for cell in row.reference_cells or ()),
        prediction_set=None if row.prediction_set is None else tuple(row.prediction_set),
        status=Status(row.status),
        reason=row.reason,
        bundle=row.bundle,
        bundle_hash=row.bundle_hash,
        profile=row.profile,
        profile_hash=row.profile_hash,
        milliseconds=row.milliseconds,
    )


def _box(row: ReadingRow) -> Box | None:
    sides = (row.box_left, row.box_top, row.box_width, row.box_height)
    known = [side for side in sides if side is not None]
    return Box(*known) if len(known) == len(sides) else None


def reading_values(reading: NewReading, source: str, sheet_id: int | None) -> dict[str, Any]:
    """What stands in the row of a reading; its thumbnail has a table of its own."""
    said = reading.prediction
    box = said.cell.box
    return {
        "account_id": reading.account_id,
        "sheet_id": sheet_id,
        "source": source,
        "image_name": said.cell.name[-255:],
        "image_hash": said.cell.image,
        "um_per_px": reading.um_per_px,
        **{f"box_{side}": getattr(box, side, None) for side in ("left", "top", "width", "height")},
        "bundle": said.bundle,
        "bundle_hash": said.bundle_hash,
        "profile": said.profile,
        "profile_hash": said.profile_hash,
        "label": said.label,
        "confidence": said.confidence,
        "probabilities": dict(said.probabilities),
        "attributes": {key: vars(seen) for key, seen in said.attributes.items()},
        "reference_cells": [vars(cell) for cell in said.reference_cells],
        "prediction_set": said.prediction_set,
        "status": said.status.value,
        "reason": said.reason,
        "milliseconds": said.milliseconds,
    }
