"""What a case holds, as it comes from the database: frozen, and all that there is to judge by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Whether anything may still be done to a case."""

    OPEN = "open"
    SIGNED = "signed"


class Place(StrEnum):
    """As what somebody reads a case."""

    FIRST = "first"
    SECOND = "second"
    SETTLER = "settler"  # where the two differ


class Kind(StrEnum):
    """What somebody did."""

    BEGIN = "begin"
    END = "end"
    ASK_SECOND = "ask_second"
    CONFIRM = "confirm"
    LABEL = "label"
    UNDO = "undo"
    REDO = "redo"
    SIGN = "sign"
    AMEND = "amend"


NAMING = (Kind.CONFIRM, Kind.LABEL)
OF_CELLS = (*NAMING, Kind.UNDO, Kind.REDO)


@dataclass(frozen=True)
class FieldImage:
    """An image of a smear.

    Attributes:
        um_per_px: micrometres that a pixel is wide; estimated from its red cells where so said.
    """

    id: int
    sha256: str
    name: str
    width: int
    height: int
    um_per_px: float
    um_per_px_estimated: bool


@dataclass(frozen=True)
class Model:
    """What a cell was predicted by."""

    bundle: str
    bundle_hash: str | None
    profile: str | None
    profile_hash: str | None


@dataclass(frozen=True)
class Suggestion:
    """What a model says of a cell; ``label`` and ``status`` as in ``core.prediction``."""

    reading_id: int
    label: str
    confidence: float
    status: str
    model: Model


@dataclass(frozen=True)
class Cell:
    """A white cell of a case.

    Attributes:
        box: left, top, right, bottom in px of the image.
        diameter_um: of the circle as large as the ellipse in its box.
        suggestion: None where the model could not read it.
    """

    id: int
    image_id: int
    box: tuple[float, float, float, float]
    diameter_um: float
    suggestion: Suggestion | None


@dataclass(frozen=True)
class Event:
    """One act of one person.

    Attributes:
        by: user name, None where the viewer may not see names.
        target_id: the event that this one takes back or does again.
        cells: ids of those it is about, and what it calls each; None where it takes back or
            repeats.
    """

    id: int
    act: str
    kind: Kind
    place: Place | None
    account_id: int
    by: str | None
    at: datetime
    target_id: int | None
    reason: str | None
    cells: Mapping[int, str | None]


@dataclass(frozen=True)
class Case:
    """A smear, and what was done to it as far as the viewer may know.

    Attributes:
        rule: how many white cells are to be counted.
        version: how many events it has, also of those that are not shown.
        cells: in scan order, the images in the order in which they came.
        events: in order.
    """

    id: int
    identifier: str
    stain: str
    rule: int
    state: State
    version: int
    opened_at: datetime
    images: tuple[FieldImage, ...]
    cells: tuple[Cell, ...]
    events: tuple[Event, ...]
