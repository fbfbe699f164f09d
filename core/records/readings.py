"""A model's answer as it goes into the log, and as it comes back with people's labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import selectinload
from sqlalchemy.sql.base import ExecutableOption

from core.evidence import ReferenceCell
from core.morphology import Observed
from core.records.tables import LabelRow, ReadingRow


@dataclass(frozen=True)
class Answer:
    """A model's answer about one cell image, as the log keeps it.

    Attributes:
        confidence: probability of ``label``, in [0, 1].
        probabilities: by class key; they add up to 1.
        attributes: what was seen of the cell's morphology, by attribute key.
        reference_cells: the nearest confirmed cells of each likely class.
        prediction_set: classes that the cell may well be, likeliest first; None where unknown.
        status: "confident", "review" or "rejected".
        profile: name of the laboratory profile that it was given under, None without one.
    """

    name: str
    image_hash: str
    label: str
    confidence: float
    probabilities: Mapping[str, float]
    attributes: Mapping[str, Observed]
    reference_cells: tuple[ReferenceCell, ...]
    prediction_set: tuple[str, ...] | None
    status: str
    reason: str
    bundle: str
    profile: str | None
    milliseconds: float


@dataclass(frozen=True)
class Reading(Answer):
    """An answer ready to be logged, with a small picture.

    Attributes:
        thumbnail: the picture, encoded; None where none may be kept.
    """

    thumbnail: bytes | None = None


@dataclass(frozen=True)
class PersonLabel:
    """A label that a person gave; ``by`` is None where the viewer may not see names."""

    label: str
    by: str | None
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True)
class LoggedReading:
    """A reading as it was shown, and all labels given since, oldest first.

    Attributes:
        by: user name of who asked, None for nobody signed in or where names are hidden.
        person_label: the person's label that counts now, None where nobody gave one.
    """

    id: int
    at: datetime
    by: str | None
    source: str
    answer: Reading
    person_label: str | None
    labels: tuple[PersonLabel, ...]


def parts_of_reading(names: bool = True) -> list[ExecutableOption]:
    """What to load with a row for ``logged_reading``; without names no account is read."""
    labels = selectinload(ReadingRow.labels)
    options: list[ExecutableOption] = [selectinload(ReadingRow.thumbnail), labels]
    if names:
        options += [selectinload(ReadingRow.account), labels.selectinload(LabelRow.account)]
    return options


def logged_reading(row: ReadingRow, names: bool = True) -> LoggedReading:
    """The frozen form of a row loaded with ``parts_of_reading``, with or without user names."""
    answer = Reading(
        name=row.image_name,
        image_hash=row.image_hash,
        label=row.label,
        confidence=row.confidence,
        probabilities=row.probabilities,
        attributes={key: Observed(**seen) for key, seen in (row.attributes or {}).items()},
        reference_cells=tuple(ReferenceCell(**cell) for cell in row.reference_cells or ()),
        prediction_set=None if row.prediction_set is None else tuple(row.prediction_set),
        status=row.status,
        reason=row.reason,
        bundle=row.bundle,
        profile=row.profile,
        milliseconds=row.milliseconds,
        thumbnail=row.thumbnail.image if row.thumbnail else None,
    )
    labels = tuple(
        PersonLabel(
            given.label,
            given.account.username if names else None,
            given.created_at,
            given.undone_at,
        )
        for given in row.labels
    )
    by = row.account.username if names and row.account else None
    return LoggedReading(row.id, row.created_at, by, row.source, answer, row.person_label, labels)


def reading_values(reading: Reading, account_id: int | None, source: str) -> dict[str, Any]:
    """What stands in the row of a reading; its thumbnail has a table of its own."""
    return {
        "account_id": account_id,
        "source": source,
        "image_name": reading.name[-255:],
        "image_hash": reading.image_hash,
        "bundle": reading.bundle,
        "profile": reading.profile,
        "label": reading.label,
        "confidence": reading.confidence,
        "probabilities": dict(reading.probabilities),
        "attributes": {key: vars(seen) for key, seen in reading.attributes.items()},
        "reference_cells": [vars(cell) for cell in reading.reference_cells],
        "prediction_set": reading.prediction_set,
        "status": reading.status,
        "reason": reading.reason,
        "milliseconds": reading.milliseconds,
    }
