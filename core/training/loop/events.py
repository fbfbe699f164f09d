"""What a training run tells while it goes on; one JSON line each in its metrics file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Event:
    """Base of all events; ``event`` names the kind in the metrics file."""

    event: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """The event as it stands in the metrics file."""
        return {"event": self.event, **asdict(self)}

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Self:
        """The event of a line of the metrics file.

        Raises:
            TypeError: the line lacks a field.
        """
        return cls(**{f.name: line[f.name] for f in fields(cls) if f.name in line})


@dataclass(frozen=True)
class Started(Event):
    """The network stands and the first batch is next.

    Attributes:
        pretrained: where the start weights come from, in words.
        images: how many, by split.
        batches: in one epoch.
        epochs_done: whole epochs before this start, above zero after a resume.
    """

    event: ClassVar[str] = "start"
    device: str
    precision: str
    pretrained: str
    images: dict[str, int]
    epochs: int
    batches: int
    epochs_done: int = 0


@dataclass(frozen=True)
class BatchDone(Event):
    """One batch went through; epochs and batches count from one."""

    event: ClassVar[str] = "batch"
    epoch: int
    batch: int
    batches: int
    loss: float
    images_per_second: float


@dataclass(frozen=True)
class EpochDone(Event):
    """One epoch is over, validated and saved. Accuracies lie in [0, 1]."""

    event: ClassVar[str] = "epoch"
    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float
    best: bool = False


@dataclass(frozen=True)
class Measuring(Event):
    """The best epoch is exported, and has predicted so many of the held-back images."""

    event: ClassVar[str] = "measuring"
    answered: int
    total: int


@dataclass(frozen=True)
class Finished(Event):
    """The run is over: "done", "early stop" or "stopped"."""

    event: ClassVar[str] = "finish"
    reason: str
    best_epoch: int
    best_accuracy: float
