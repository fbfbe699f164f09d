"""The decision rule: from what a bundle says about a cell to a label, a status and the reason.

It stands beside the bundle, so that what is evaluated is what answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.looks import fit, typical_of
from core.morphology import Observed, value_in_words
from core.prediction import Status
from core.taxonomy import ABNORMAL_KEYS, NO_CELL, cell_class, kind
from core.vision.card.contents import Card
from core.vision.classifier import Scores
from core.vision.observation import observed

REFERRED = "Marked as suspected blast or abnormal cell: refer to a haematologist."
DOUBT = 0.05  # what is outside the classes with this probability is never reported as confident


@dataclass(frozen=True)
class Decision:
    """What is made of one cell's scores.

    Attributes:
        label: class key of the highest probability; "no_cell" where it is rejected.
        confidence: the probability of the label, in [0, 1].
        probabilities: by class key, in the card's order; they add up to 1.
        reason: why it has that status, in words.
        prediction_set: classes that the cell may well be, likeliest first; None without limits.
        seen: what is told of the cell's morphology, by attribute key.
        shown_labels: whose reference cells help a person to judge, the most needed first.
    """

    label: str
    confidence: float
    probabilities: Mapping[str, float]
    status: Status
    reason: str
    prediction_set: tuple[str, ...] | None
    seen: Mapping[str, Observed]
    shown_labels: tuple[str, ...]


def decide(card: Card, scores: Scores, doubt: str | None = None) -> Decision:
    """What a bundle with this card predicts.

    Args:
        scores: of one cell alone, N = 1.
        doubt: why a person should look at the image, whatever is predicted (``core.images.doubt``).
    """
    (classes,), (outside,), (alone,) = scores.classes, scores.outside, scores.alone
    probabilities = dict(zip(card.classes, classes.tolist(), strict=True))
    others = dict(zip(card.outside, outside.tolist(), strict=True))
    ranked = sorted(probabilities, key=lambda key: -probabilities[key])
    label = ranked[0]
    likely = likely_classes(probabilities, card.set_limits)
    shown = (label, *(key for key in likely or () if key != label))
    seen = observed(card.attributes, scores.attributes[0], shown)
    against = contradiction(label, seen, card.attributes.contradicts_from if card.attributes else 1)
    status, reason = judge_outside(card, others) or judge(
        probabilities, card.review_below, likely, card.classes[alone], others, doubt or against
    )
    if status is Status.REJECTED:
        no_cell = others[NO_CELL.key]
        return Decision(NO_CELL.key, no_cell, probabilities, status, reason, likely, {}, ())
    if status is Status.REFERRED:
        seen = {}  # attributes were learnt from normal cells: of a blast they mislead
        shown = (max(ABNORMAL_KEYS & others.keys(), key=lambda key: others[key]), label)
    elif status is Status.REVIEW and len(shown) == 1:  # a doubt asks for something to compare
        shown = tuple(ranked[:2])
    return Decision(label, probabilities[label], probabilities, status, reason, likely, seen, shown)


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


def contradiction(
    label: str, attributes: Mapping[str, Observed], contradicts_from: float
) -> str | None:
    """What a colleague would say of the surest attribute that this class cannot have.

    E.g. "it does not look like a neutrophil: granules red, rather eosinophil".
    """
    against = {
        key: seen
        for key, seen in attributes.items()
        if seen.confidence >= contradicts_from and fit(label, key, seen.value) == "impossible"
    }
    if not against:
        return None
    key = max(against, key=lambda one: against[one].confidence)
    words, name = value_in_words(key, against[key].value), cell_class(label).name.lower()
    others = [cell_class(other).name.lower() for other in typical_of(key, against[key].value)]
    rather = f", rather {' or '.join(others)}" if others else ""
    article = "an" if name[0] in "aeiou" else "a"
    return f"it does not look like {article} {name}: {words}{rather}"


def judge_outside(card: Card, outside: Mapping[str, float]) -> tuple[Status, str] | None:
    """The status and reason of what is none of the classes; None for what may well be one.

    Args:
        outside: probability of each kind outside the classes, by key.
    """
    no_cell = outside.get(NO_CELL.key, 0.0)
    if card.reject_above is not None and no_cell >= card.reject_above:
        return Status.REJECTED, (
            f"No blood cell is seen (sure to {no_cell:.0%}). "
            "Take an image with one stained cell in the middle, in focus."
        )
    abnormal = sum(share for key, share in outside.items() if key in ABNORMAL_KEYS)
    if card.refer_above is not None and abnormal >= card.refer_above:
        return Status.REFERRED, REFERRED
    return None


def judge(
    probabilities: Mapping[str, float],
    review_below: float,
    prediction_set: tuple[str, ...] | None = None,
    alone: str | None = None,
    outside: Mapping[str, float] | None = None,
    against: str | None = None,
) -> tuple[Status, str]:
    """The status of a prediction, and the reason in words.

    Args:
        alone: the likeliest class were all equally common, where that is known. A rare cell must
            not pass as a common one only because it is rare.
        outside: probability of each kind outside the classes, by key.
        against: what of the image, or of the cell's morphology, speaks against any prediction or
            the likeliest class, in words.
    """
    unlike = f" {against[0].upper()}{against[1:]}." if against else ""
    first, second = sorted(probabilities, key=lambda key: -probabilities[key])[:2]
    confidence, limit = probabilities[first], f"{review_below:.1%}"
    if confidence < review_below:
        shown = f"{confidence:.1%}"
        if shown == limit:  # what is under a limit must not read as the limit
            shown = f"just under {limit}"
        return Status.REVIEW, (
            f"Confidence {shown} is under the {limit} that this model needs; "
            f"second choice: {cell_class(second).name}, {probabilities[second]:.1%}.{unlike}"
        )
    reached = f"Confidence {confidence:.1%} reaches the {limit} that this model needs"
    if alone not in (None, first):
        return Status.REVIEW, (
            f"{reached}, but only because {cell_class(alone).name.lower()} is taken to be rare: "
            f"the image alone looks more like that.{unlike}"
        )
    if outside and sum(outside.values()) >= DOUBT:
        likeliest = max(outside, key=lambda key: outside[key])
        return Status.REVIEW, (
            f"{reached}, but it may be none of the classes: "
            f"{kind(likeliest).name.lower()}, {outside[likeliest]:.0%}.{unlike}"
        )
    if against:
        return Status.REVIEW, f"{reached}, but {against}."
    if prediction_set in (None, (first,)):
        return Status.CONFIDENT, f"{reached}."
    if not prediction_set:
        return Status.REVIEW, (
            f"{reached}, but it is no typical {cell_class(first).name.lower()}: "
            "19 of 20 known ones are predicted with more confidence."
        )
    return Status.REVIEW, f"{reached}, but it may well be {set_in_words(prediction_set)}."
