"""One answer about one cell, with all that belongs to it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.evidence import ReferenceCell
from core.morphology import Observed
from core.taxonomy import ABNORMAL_KEYS, NO_CELL, cell_class, kind
from core.vision.card.contents import Card

Status = Literal["confident", "review", "rejected"]
REFERRED = "Marked as possible blast or abnormal cell: refer to a haematologist."
DOUBT = 0.05  # what is outside the classes with this probability is never answered confidently


@dataclass(frozen=True)
class Prediction:
    """What a bundle says about one cell image.

    Attributes:
        name: of the image.
        image_hash: SHA-256 of the file's bytes, hex.
        label: class key of the highest probability; "no_cell" where it is rejected.
        confidence: the probability of the label, in [0, 1].
        probabilities: by class key, in the bundle's order; they add up to 1.
        attributes: what is seen of the cell's morphology, by attribute key; what is unsure is
            missing, and all of it where the bundle tells none of this class.
        reference_cells: the nearest confirmed cells of each class that it may well be; of a
            doubtful answer, of the second choice at least.
        prediction_set: the classes that the cell may well be, likeliest first: 95% of cells have
            their class in it. Empty where it looks like none; None where the bundle cannot tell.
        status: "review" where a person must look, "rejected" where no cell is seen.
        reason: why it has that status, in words.
        bundle: name of the bundle.
        profile: name of the laboratory profile that it was given under, None without one.
        milliseconds: this image's share of the time that the network took.
    """

    name: str
    image_hash: str
    label: str
    confidence: float
    probabilities: Mapping[str, float]
    attributes: Mapping[str, Observed]
    reference_cells: tuple[ReferenceCell, ...]
    prediction_set: tuple[str, ...] | None
    status: Status
    reason: str
    bundle: str
    profile: str | None
    milliseconds: float

    @property
    def referred(self) -> bool:
        """Whether it may be a blast or another abnormal cell: more urgent than any other doubt."""
        return self.reason == REFERRED

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def likely_classes(
    probabilities: Mapping[str, float], limits: Mapping[str, float]
) -> tuple[str, ...] | None:
    """The prediction set under a card's ``set_limits``, likeliest first; None without limits."""
    if not limits:
        return None
    found = [key for key, share in probabilities.items() if share >= limits[key]]
    return tuple(sorted(found, key=lambda key: -probabilities[key]))


def set_in_words(prediction_set: tuple[str, ...]) -> str:
    """For people, e.g. "neutrophil or immature granulocyte"."""
    names = [cell_class(key).name.lower() for key in prediction_set]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def judge_outside(card: Card, outside: Mapping[str, float]) -> tuple[Status, str] | None:
    """The status and reason of what is none of the classes; None for what may well be one.

    Args:
        outside: probability of each kind outside the classes, by key.
    """
    no_cell = outside.get(NO_CELL.key, 0.0)
    if card.reject_above is not None and no_cell >= card.reject_above:
        return "rejected", (
            f"No blood cell is seen (sure to {no_cell:.0%}). "
            "Take a picture with one stained cell in the middle, in focus."
        )
    abnormal = sum(share for key, share in outside.items() if key in ABNORMAL_KEYS)
    if card.refer_above is not None and abnormal >= card.refer_above:
        return "review", REFERRED
    return None


def judge(
    probabilities: Mapping[str, float],
    review_below: float,
    prediction_set: tuple[str, ...] | None = None,
    alone: str | None = None,
    outside: Mapping[str, float] | None = None,
    against: str | None = None,
) -> tuple[Status, str]:
    """The status of an answer, and the reason in words.

    Args:
        alone: the likeliest class were all equally common, where that is known. A rare cell must
            not pass as a common one only because it is rare.
        outside: probability of each kind outside the classes, by key.
        against: what of the cell's morphology the likeliest class cannot have, in words.
    """
    unlike = f" {against[0].upper()}{against[1:]}." if against else ""
    first, second = sorted(probabilities, key=lambda key: -probabilities[key])[:2]
    confidence, limit = probabilities[first], f"{review_below:.1%}"
    if confidence < review_below:
        shown = f"{confidence:.1%}"
        if shown == limit:  # what is under a limit must not read as the limit
            shown = f"just under {limit}"
        return "review", (
            f"Confidence {shown} is under the {limit} that this bundle needs; "
            f"second choice: {cell_class(second).name}, {probabilities[second]:.1%}.{unlike}"
        )
    reached = f"Confidence {confidence:.1%} reaches the {limit} that this bundle needs"
    if alone not in (None, first):
        return "review", (
            f"{reached}, but only because {cell_class(alone).name.lower()} is taken to be rare: "
            f"the picture alone looks more like that.{unlike}"
        )
    if outside and sum(outside.values()) >= DOUBT:
        likeliest = max(outside, key=lambda key: outside[key])
        return "review", (
            f"{reached}, but it may be none of the classes: "
            f"{kind(likeliest).name.lower()}, {outside[likeliest]:.0%}.{unlike}"
        )
    if against:
        return "review", f"{reached}, but {against}."
    if prediction_set in (None, (first,)):
        return "confident", f"{reached}."
    if not prediction_set:
        return "review", (
            f"{reached}, but it is no typical {cell_class(first).name.lower()}: "
            "19 of 20 known ones are answered with more confidence."
        )
    return "review", f"{reached}, but it may well be {set_in_words(prediction_set)}."
