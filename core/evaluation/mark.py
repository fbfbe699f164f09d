"""Whether an evaluation is still of the bundle and the code that it was made with."""

import hashlib
import json
from typing import Any

from core.dataset.splits import MADE_BY as SPLIT_MADE_BY
from core.fingerprint import of_code
from core.vision.card.contents import Card

# What a card tells about a bundle without deciding any of its predictions.
_TOLD: dict[str, Any] = {
    "name": True,
    "pretrained": True,
    "synthetic": True,
    "data": True,
    "attributes": {"source", "licence", "citation", "images", "metrics"},
    "heat_map": True,
    "parent": True,
    "adapted": True,
    "metrics": True,
    "review_rule": True,
    "config": True,
    "created": True,
    "versions": True,
    "licence": True,
    "intended_use": True,
    "limits": True,
}
_DECIDED_BY = (
    *SPLIT_MADE_BY,
    "core.taxonomy",
    "core.morphology",
    "core.looks",
    "core.vision.class_mix",
    "core.vision.classifier",
    "core.vision.decision",
    "core.vision.observation",
    "core.vision.graph",
    "core.vision.runtimes",
)


def bundle_mark(card: Card) -> str:
    """A fingerprint of all that decides a bundle's predictions and its split, 16 hex digits.

    What a card says that is not known here to decide nothing counts, and so does the code.
    """
    decisive = card.model_dump(mode="json", exclude=_TOLD)
    decisive |= {"split_seed": card.data.split_seed, "code": of_code(*_DECIDED_BY)}
    decisive |= {"pixels": card.preparation.mark}  # of its code, and of the locator that it asks
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:16]
