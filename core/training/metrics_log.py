"""Reading ``metrics.jsonl``, also while it is written and after its writer was killed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

METRICS_FILE = "metrics.jsonl"
POINTS_PER_EPOCH = 25


@dataclass(frozen=True)
class _Event:
    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        return cls(**{f.name: event[f.name] for f in fields(cls)})


@dataclass(frozen=True)
class Start(_Event):
    """What a process said when it began; ``images`` counts by split, ``batches`` an epoch."""

    device: str
    precision: str
    pretrained: str
    images: Mapping[str, int]
    epochs: int
    batches: int


@dataclass(frozen=True)
class Batch(_Event):
    """Where within an epoch the run stands; epochs and batches count from 1."""

    epoch: int
    batch: int
    batches: int
    loss: float
    images_per_second: float


@dataclass(frozen=True)
class Epoch(_Event):
    """One whole epoch; accuracies in [0, 1]."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Metrics:
    """Everything a run has told so far.

    Attributes:
        batch: the last one of an epoch that is not whole yet.
        losses: training loss by position in epochs (1.5: half way through the second), thinned.
        finish: why the run ended ("done", "early stop", "stopped"), empty while it goes on.
        error: what went wrong, empty if nothing did.
        offset: bytes read.
    """

    start: Start | None = None
    epochs: tuple[Epoch, ...] = ()
    batch: Batch | None = None
    losses: Mapping[float, float] = field(default_factory=dict)
    finish: str = ""
    error: str = ""
    offset: int = 0

    @property
    def best(self) -> Epoch | None:
        """The first epoch of the highest validation accuracy."""
        return max(self.epochs, key=lambda e: e.validation_accuracy, default=None)

    def after(self, event: Mapping[str, Any]) -> Self:
        """These metrics and one more event; an event of an unknown kind changes nothing."""
        match event.get("event"):
            case "start":
                start = Start.of(event)
                return replace(self, start=start, batch=None, finish="", error="")
            case "batch":
                batch = Batch.of(event)
                return replace(self, batch=batch, losses={**self.losses, **_point(batch)})
            case "epoch":
                epoch = Epoch.of(event)
                # After a kill and a resume an epoch may stand twice; the last counts.
                known = {e.epoch: e for e in self.epochs} | {epoch.epoch: epoch}
                return replace(self, epochs=tuple(known[n] for n in sorted(known)), batch=None)
            case "finish":
                return replace(self, finish=str(event["reason"]), batch=None)
            case "error":
                return replace(self, error=str(event["message"]), batch=None)
        return self


def read_metrics(folder: Path, known: Metrics | None = None) -> Metrics:
    """The metrics of the run in ``folder``, reading only what came since ``known``.

    A last line that is not whole is left for the next time; a damaged line is passed over.
    """
    metrics = known or Metrics()
    path = folder / METRICS_FILE
    if not path.exists():
        return Metrics()
    if path.stat().st_size < metrics.offset:
        metrics = Metrics()
    with path.open("rb") as file:
        file.seek(metrics.offset)
        whole, newline, _ = file.read().rpartition(b"\n")
    for line in whole.splitlines():
        metrics = _after_line(metrics, line)
    return replace(metrics, offset=metrics.offset + len(whole) + len(newline))


def drop_torn_line(folder: Path) -> None:
    """Cuts off a last line without an end, so that a resumed run does not write on behind it."""
    path = folder / METRICS_FILE
    if path.exists():
        os.truncate(path, read_metrics(folder).offset)


def _after_line(metrics: Metrics, line: bytes) -> Metrics:
    try:
        return metrics.after(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        return metrics


def _point(batch: Batch) -> dict[float, float]:
    slot = batch.batch * POINTS_PER_EPOCH // max(batch.batches, 1)
    return {batch.epoch - 1 + slot / POINTS_PER_EPOCH: batch.loss}
