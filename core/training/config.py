"""Everything that decides a training run, in one frozen object."""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from core.errors import InvalidConfigError
from core.vision.augmentation import Augmentation
from core.vision.preparation import Preparation
from core.vision.views import View, view_of

OPTIMIZERS = ("adamw", "adam", "nadam")
SCHEDULES = ("one_cycle", "cosine", "constant")
PRECISIONS = ("auto", "32-true", "bf16-mixed", "16-mixed")


MARGIN = 1.5  # so much is kept around a framed cell: a turned square needs 1.42


@dataclass(frozen=True)
class FurtherData:
    """Cells of another laboratory, all of them for training.

    Attributes:
        folder: of class folders; folders of kinds outside the classes are learnt as such.
        repeat: so often an epoch shows each cell.
        left_out: names of files that are not learnt from, such as those under a wrong label.
        source, licence, citation: for the card.
    """

    folder: str
    repeat: int = 1
    left_out: tuple[str, ...] = ()
    source: str = ""
    licence: str = "not stated"
    citation: str = "not stated"

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """What ``dataclasses.asdict`` gave, also by way of JSON."""
        return cls(**{**values, "left_out": tuple(values.get("left_out", ()))})


@dataclass(frozen=True)
class TrainConfig:
    """One training run. Stored with the run and with the bundle that it becomes.

    Attributes:
        data_dir: folder of class folders.
        further: cells of other laboratories to train on.
        no_cell: so many images that show no cell are drawn, and learnt as such.
        smears: images of red cells alone, from which some of those are cut.
        view: how cells are framed; None for the centred square as it is.
        architecture: a name in ``core.vision.networks.NETWORKS``.
        pretrained: start from ImageNet weights where they can be had.
        start: name of a bundle of the same architecture to start from; "" for none.
        balanced: images are drawn so that neither a large laboratory nor a common class drowns the
            others; otherwise an epoch shows each as often as it stands there.
        mixed_features: so often, the first stages' features get another image's mean and
            deviation (Zhou et al. 2021, Domain Generalization with MixStyle, ICLR).
        frozen_statistics: batch normalisation keeps the statistics that it starts with, which
            carry over to other laboratories better than those of the training images.
        side_px: images are squares of this side.
        learning_rate: the highest of the schedule.
        batch_size: images that each device sees at once.
        weight_average: decay of the moving average of the weights, per batch; 0 for none.
        early_stopping_patience: epochs without a better validation accuracy; 0 for never.
        precision: "auto" takes bf16 where the processor computes it natively.
        devices, nodes: how many accelerators on each of how many machines.
        limit: use only so many images, for a trial; None for all.
        seed: of the split, the start weights, the order and the augmentation.
    """

    data_dir: str
    further: tuple[FurtherData, ...] = ()
    no_cell: int = 0
    smears: FurtherData | None = None
    view: View | None = None
    architecture: str = "resnet18"
    pretrained: bool = True
    start: str = ""
    balanced: bool = False
    mixed_features: float = 0.0
    frozen_statistics: bool = False
    side_px: int = 224
    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    schedule: str = "one_cycle"
    label_smoothing: float = 0.05
    weight_average: float = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    early_stopping_patience: int = 5
    precision: str = "auto"
    devices: int = 1
    nodes: int = 1
    limit: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self._one_of("optimizer", OPTIMIZERS)
        self._one_of("schedule", SCHEDULES)
        self._one_of("precision", PRECISIONS)
        self._between("side_px", 32, 640)
        self._between("epochs", 1, 1000)
        self._between("batch_size", 2, 4096)
        self._between("learning_rate", 1e-7, 1)
        self._between("weight_decay", 0, 1)
        self._between("label_smoothing", 0, 0.5)
        self._between("mixed_features", 0, 1)
        self._between("weight_average", 0, 0.9999)
        self._between("early_stopping_patience", 0, 1000)
        self._between("no_cell", 0, 1_000_000)
        self._between("devices", 1, 64)
        self._between("nodes", 1, 64)
        if self.limit is not None:
            self._between("limit", 16, 10_000_000)

    @property
    def starts(self) -> tuple[str, ...]:
        """The names in ``start``."""
        return (self.start,) if self.start else ()

    @property
    def preparation(self) -> Preparation:
        """How images are made ready: with room to turn them, where they are framed."""
        return Preparation(self.side_px, self.view, MARGIN if self.view else 1.0)

    def _one_of(self, name: str, allowed: tuple[str, ...]) -> None:
        if getattr(self, name) not in allowed:
            raise InvalidConfigError(f"{name} must be one of {', '.join(allowed)}.")

    def _between(self, name: str, low: float, high: float) -> None:
        if not low <= getattr(self, name) <= high:
            raise InvalidConfigError(f"{name} must lie between {low:g} and {high:g}.")

    def to_json(self) -> str:
        """The whole configuration as JSON."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The configuration that ``dataclasses.asdict`` gave.

        Raises:
            InvalidConfigError: a name that is no field, or a value out of range.
        """
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise InvalidConfigError(f"Unknown training settings: {', '.join(sorted(unknown))}.")
        further = tuple(FurtherData.from_dict(one) for one in values.get("further", ()))
        nested = {
            "augmentation": Augmentation(**values.get("augmentation", {})),
            "further": further,
            "smears": FurtherData.from_dict(values["smears"]) if values.get("smears") else None,
            "view": view_of(values.get("view")),
        }
        return cls(**{**values, **nested})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The configuration that ``to_json`` wrote."""
        return cls.from_dict(json.loads(text))
