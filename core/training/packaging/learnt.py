"""What the best epoch of a run comes from: its images, and the models that it started from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset.catalogue import Catalogue
from core.training.config import TrainConfig
from core.training.loop.data import TrainingData
from core.vision.card.contents import Card, FurtherCells


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a run learnt from, as it was when the run began, whatever changed on disk since.

    Attributes:
        catalogue: of the images at home, those of the test among them.
        data: what was trained and validated on.
        parents: cards of the models that it started from.
    """

    config: TrainConfig
    catalogue: Catalogue
    data: TrainingData
    parents: tuple[Card, ...] = ()

    @property
    def held_back(self) -> bool:
        """Whether no model before it can have learnt from its validation or test images.

        That is sure only of the same images split with the same seed, all the way back: one image
        more deals others anew. A start from other images is what fine-tuning is for, so it is not
        refused; the card says what its figures are worth. A rule of dealing that moves no image
        when others come would put images that the models in use were trained on into their test.
        """
        own = (self.catalogue.fingerprint, self.config.seed)
        before = [parent.data for parent in self.parents]
        return all(one.held_back and (one.fingerprint, one.split_seed) == own for one in before)


def with_inherited(
    home: str, own: Sequence[FurtherCells], parents: Sequence[Card]
) -> tuple[FurtherCells, ...]:
    """Own further sources, then those of the models before that are not among them.

    Args:
        home: the source of the run's own images.
    """
    found = list(own)
    for parent in parents:
        for one in _all_of(parent):
            if one.source not in (home, *(known.source for known in found)):
                found.append(one)
    return tuple(found)


def _all_of(parent: Card) -> Iterator[FurtherCells]:
    data = parent.data
    yield FurtherCells(
        source=data.source,
        images=data.images.get("train", 0),
        licence=data.licence,
        citation=data.citation,
        cells=not parent.synthetic,
    )
    smears: dict[str, Any] = parent.config.get("smears") or {}  # older cards tell them only here
    for one in data.further:
        yield one.model_copy(update={"cells": one.cells and one.source != smears.get("source")})
