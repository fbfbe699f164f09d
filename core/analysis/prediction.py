"""One answer about one cell, with all that belongs to it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.taxonomy import cell_class

Status = Literal["confident", "review"]


@dataclass(frozen=True)
class Prediction:
    """What a bundle says about one cell image.

    Attributes:
        name: of the image.
        image_hash: SHA-256 of the file's bytes, hex.
        label: class key of the highest probability.
        confidence: that probability, in [0, 1].
        probabilities: by class key, in the bundle's order; they add up to 1.
        status: "review" where a person must look.
        reason: why it has that status, in words.
        bundle: name of the bundle.
        milliseconds: this image's share of the time that the network took.
    """

    name: str
    image_hash: str
    label: str
    confidence: float
    probabilities: Mapping[str, float]
    status: Status
    reason: str
    bundle: str
    milliseconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def judge(probabilities: Mapping[str, float], review_below: float) -> tuple[Status, str]:
    """The status of an answer, and the reason in words."""
    first, second = sorted(probabilities, key=lambda key: -probabilities[key])[:2]
    confidence, limit = probabilities[first], f"{review_below:.1%}"
    if confidence >= review_below:
        return "confident", (
            f"Confidence {confidence:.1%} reaches the {limit} that this bundle needs."
        )
    shown = f"{confidence:.1%}"
    if shown == limit:  # what is under a limit must not read as the limit
        shown = f"just under {limit}"
    return "review", (
        f"Confidence {shown} is under the {limit} that this bundle needs; "
        f"second choice: {cell_class(second).name}, {probabilities[second]:.1%}."
    )
