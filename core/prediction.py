"""One prediction of a model about one cell, with all that belongs to it: the same at every door."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.morphology import Observed


class Status(StrEnum):
    """What a prediction asks of people; the codes stand in the log and in every export."""

    CONFIDENT = "confident"
    REVIEW = "review"  # a person must look
    REFERRED = "referred"  # so must a haematologist: it may be a blast or another abnormal cell
    REJECTED = "rejected"  # no cell is seen

    @property
    def shown(self) -> str:
        """The status as screens show it."""
        return "Not a cell" if self is Status.REJECTED else self.value.capitalize()


NEEDS_REVIEW = (Status.REVIEW, Status.REFERRED)


@dataclass(frozen=True)
class Box:
    """A rectangle of an image, in px of the image as a person sees it."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class CellRef:
    """Which cell of which image.

    Attributes:
        image: SHA-256 of the file's bytes, hex.
        name: of the file, for showing only.
        box: where in the image the cell lies; None where the whole image is one cell.
    """

    image: str
    name: str
    box: Box | None = None


@dataclass(frozen=True)
class ReferenceCell:
    """A confirmed cell of the training set that looks like another.

    Attributes:
        label: its class, or the kind outside the classes.
        file: the image's file name.
        source: the laboratory or data set that it is from.
        likeness: cosine of the two embeddings, at most 1.
        entry: where its image stands in the bundle.
    """

    label: str
    file: str
    source: str
    likeness: float
    entry: str


@dataclass(frozen=True)
class Prediction:
    """What a bundle says about one cell.

    Attributes:
        label: class key of the highest probability; "no_cell" where it is rejected.
        confidence: the probability of the label, in [0, 1].
        probabilities: by class key, in the bundle's order; they add up to 1.
        attributes: what is seen of the cell's morphology, by attribute key; what is unsure is
            missing, and all of it where the bundle tells none of this class.
        reference_cells: the nearest confirmed cells of each class that it may well be; of a
            doubtful prediction, of the second choice at least.
        prediction_set: the classes that the cell may well be, likeliest first: 95% of cells have
            their class in it. Empty where it looks like none; None where the bundle cannot tell.
        reason: why it has that status, in words.
        bundle: name of the bundle.
        bundle_hash: SHA-256 of its card, hex; None in predictions older than that.
        profile: name of the laboratory profile that it was given under, None without one.
        profile_hash: SHA-256 of what the profile said then, hex; None without one.
        milliseconds: this image's share of the time that the network took.
    """

    cell: CellRef
    label: str
    confidence: float
    probabilities: Mapping[str, float]
    attributes: Mapping[str, Observed]
    reference_cells: tuple[ReferenceCell, ...]
    prediction_set: tuple[str, ...] | None
    status: Status
    reason: str
    bundle: str
    bundle_hash: str | None
    profile: str | None
    profile_hash: str | None
    milliseconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready and flat: the cell's own fields stand among the others."""
        fields = asdict(self)
        cell = fields.pop("cell")
        return {"name": cell["name"], "image_hash": cell["image"], "box": cell["box"], **fields}
