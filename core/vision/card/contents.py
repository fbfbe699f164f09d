"""What stands on a bundle's card."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.morphology import ATTRIBUTE_KEYS, attribute
from core.vision.preparation import Preparation
from core.vision.views import View


class DataCard(BaseModel):
    """What a bundle was trained on."""

    model_config = ConfigDict(frozen=True)

    source: str
    fingerprint: str
    split_seed: int
    images: dict[str, int] = Field(description="Images by split.")
    per_class: dict[str, int] = Field(description="Training images by class.")
    licence: str
    citation: str
    further: tuple["FurtherCells", ...] = ()
    no_cell: int = Field(0, description="Images that show no cell, drawn or cut for training.")
    held_back: bool = Field(
        True, description="No model that it started from can have learnt from its test images."
    )

    @property
    def sources(self) -> list[str]:
        """All that it learnt from, the first laboratory first."""
        return [self.source, *(one.source for one in self.further)]


class FurtherCells(BaseModel):
    """Cells of another laboratory that a bundle, or one that it started from, was trained on."""

    model_config = ConfigDict(frozen=True)

    source: str
    images: int
    licence: str
    citation: str
    cells: bool = Field(True, description="Real cells with a class, not drawn ones or fields.")


class AttributesCard(BaseModel):
    """What a bundle's morphological attributes come from, and how far they are to be trusted.

    Attributes:
        classes: taxonomy keys of the cells that they were learnt from; those of others are not
            told.
        values: by attribute key, in the order of the outputs.
        temperature: by attribute key; logits are divided by it before the softmax.
        sure_from: less probable values are not told.
        contradicts_from: a value of at least this probability that cannot be, in a cell of the
            predicted class, makes the prediction one for review.
        metrics: by attribute key, on cells that were not learnt from.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    licence: str
    citation: str
    images: dict[str, int] = Field(description="Cells with attributes, by split.")
    classes: tuple[str, ...]
    values: dict[str, tuple[str, ...]]
    temperature: dict[str, float]
    sure_from: float = Field(ge=0, le=1)
    contradicts_from: float = Field(ge=0, le=1)
    metrics: dict[str, Any] = {}

    @property
    def unknown(self) -> list[str]:
        """Attributes and values that the taxonomy does not have."""
        return [
            key
            for key, values in self.values.items()
            if key not in ATTRIBUTE_KEYS or set(values) - set(attribute(key).words)
        ]

    @property
    def outputs(self) -> int:
        """How many the heads have."""
        return sum(map(len, self.values.values()))


class HeatMapCard(BaseModel):
    """How heat maps of a bundle are drawn.

    Attributes:
        layer: whose channels they are drawn from, by its name in the network.
    """

    model_config = ConfigDict(frozen=True)

    method: Literal["Grad-CAM"] = "Grad-CAM"
    layer: str


class Card(BaseModel):
    """The card of a bundle.

    Attributes:
        classes: taxonomy keys, in the order of the outputs.
        outside: kinds outside the classes that the outputs after those stand for.
        side_px: the network sees squares of this side.
        view: how it sees its cells; None for the centred square of the image as it is.
        mean, std: pixels in [0, 1] become ``(pixel - mean) / std``.
        temperature: logits are divided by it before the softmax.
        review_below: predictions less confident than this are for a person to look at.
        review_rule: how ``review_below`` was found, in words.
        refer_above: where the kinds outside that are cells have together at least this
            probability, the prediction is for review as possibly abnormal; None where it knows
            none.
        reject_above: where "no cell" has at least this probability, the prediction is rejected.
        set_limits: a class belongs to a prediction set where its probability is at
            least this, which it is for 95% of the class's cells; empty in older bundles.
        class_mix: how common each class is taken to be where no profile says, by key; empty for
            all alike.
        attributes: what its morphological attributes come from; None where it tells none.
        heat_map: how its heat maps are drawn; None for a network without a fitting layer, and in
            older bundles.
        parent: the bundle that this one was made from; "" for none.
        adapted: what adapting it to a laboratory did, by name of the figure; empty for others.
        metrics: by split, as ``core.evaluation`` gives them.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    architecture: str
    classes: tuple[str, ...]
    outside: tuple[str, ...] = ()
    side_px: int = Field(ge=16, le=1024)
    view: View | None = None
    mean: float = 0.5
    std: float = Field(0.5, gt=0)
    pretrained: str
    synthetic: bool
    data: DataCard
    attributes: AttributesCard | None = None
    heat_map: HeatMapCard | None = None
    parent: str = ""
    adapted: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    temperature: float = Field(1.0, gt=0)
    review_below: float = Field(ge=0, le=1)
    review_rule: str
    refer_above: float | None = Field(None, ge=0, le=1)
    reject_above: float | None = Field(None, ge=0, le=1)
    set_limits: dict[str, float] = {}
    class_mix: dict[str, float] = {}
    config: dict[str, Any] = {}
    created: datetime
    versions: dict[str, str] = {}
    licence: str
    intended_use: str
    limits: str
    checksums: dict[str, str] = {}

    @property
    def outputs(self) -> int:
        """How many the network has."""
        return len(self.classes) + len(self.outside)

    @property
    def preparation(self) -> Preparation:
        """How images are made ready for it."""
        return Preparation(self.side_px, self.view)
