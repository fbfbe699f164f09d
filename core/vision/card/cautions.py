"""What everybody must know who asks a bundle: the same sentences wherever it answers."""

from core.taxonomy import ABNORMAL_KEYS
from core.vision.card.contents import Card

ONLY_SYNTHETIC = (
    "This model has only seen synthetic images. What it says of real cells means nothing."
)
NO_REFERRAL = "This model does not refer suspected blasts."
NOT_HELD_BACK = (
    "The model that it started from was trained on other images, or on another split of these, so "
    "it may have learnt from some of the images that it was measured on: its figures may be too "
    "good."
)


def cautions(card: Card) -> list[str]:
    """Sentences, the gravest first; none for a bundle that needs none."""
    told = []
    if card.synthetic:
        told.append(ONLY_SYNTHETIC)
    if card.refer_above is None or not ABNORMAL_KEYS & set(card.outside):
        told.append(NO_REFERRAL)
    return told
