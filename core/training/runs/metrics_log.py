"""Reading ``metrics.jsonl``, also while it is written and after its writer was killed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.training.loop.events import BatchDone, EpochDone, Measuring, Started

METRICS_FILE = "metrics.jsonl"
POINTS_PER_EPOCH = 25


@dataclass(frozen=True)
class Metrics:
    """Everything a run has told so far.

    Attributes:
        start: None also while a resumed process prepares its images.
        epochs: the whole ones, in order.
        batch: the last one of an epoch that is not whole yet.
        measuring: how far the best epoch is measured; None before and after.
        losses: training loss by position in epochs (1.5: half way through the second), thinned.
        finish: why the run ended ("done", "early stop", "stopped"), empty while it goes on.
        error: what went wrong, empty if nothing did.
        offset: bytes read.
    """

    start: Started | None = None
    epochs: tuple[EpochDone, ...] = ()
    batch: BatchDone | None = None
    measuring: Measuring | None = None
    losses: Mapping[float, float] = field(default_factory=dict)
    finish: str = ""
    error: str = ""
    offset: int = 0

    @property
    def best(self) -> EpochDone | None:
        """The first epoch of the highest validation accuracy."""
        return max(self.epochs, key=lambda e: e.validation_accuracy, default=None)


def read_metrics(folder: Path, known: Metrics | None = None) -> Metrics:
    """The metrics of the run in ``folder``, reading only what came since ``known``.

    A last line that is not whole is left for the next time; a damaged line is passed over.
    """
    path = folder / METRICS_FILE
    if not path.exists():
        return Metrics()
    if known is None or path.stat().st_size < known.offset:
        known = Metrics()
    with path.open("rb") as file:
        file.seek(known.offset)
        whole, newline, _ = file.read().rpartition(b"\n")
    if not newline:
        return known
    tally = _Tally(known)
    for line in whole.splitlines():
        tally.add(line)
    return tally.metrics(known.offset + len(whole) + len(newline))


def note_launch(folder: Path) -> None:
    """Parts what an earlier process told from what the next one will.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    with (folder / METRICS_FILE).open("a", encoding="utf-8") as file:
        file.write('\n{"event": "launch"}\n')  # the first break ends a line torn by a kill


class _Tally:
    def __init__(self, known: Metrics) -> None:
        self.start, self.batch, self.measuring = known.start, known.batch, known.measuring
        self.epochs = {epoch.epoch: epoch for epoch in known.epochs}
        self.losses = dict(known.losses)
        self.finish, self.error = known.finish, known.error

    def add(self, line: bytes) -> None:
        try:
            self._add(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # torn by a kill, or no event

    def _add(self, event: Mapping[str, Any]) -> None:
        match event.get("event"):
            case "launch":
                self._begin(None)
            case "start":
                self._begin(Started.of(event))
            case "batch":
                self.batch = batch = BatchDone.of(event)
                slot = batch.batch * POINTS_PER_EPOCH // max(batch.batches, 1)
                self.losses[batch.epoch - 1 + slot / POINTS_PER_EPOCH] = batch.loss
            case "epoch":
                epoch = EpochDone.of(event)
                # After a kill and a resume an epoch may stand twice; the last counts.
                self.epochs[epoch.epoch] = epoch
                self.batch = None
            case "measuring":
                self.measuring, self.batch = Measuring.of(event), None
            case "finish":
                self.finish, self.batch, self.measuring = str(event["reason"]), None, None
            case "error":
                self.error, self.batch, self.measuring = str(event["message"]), None, None

    def _begin(self, start: Started | None) -> None:
        self.start, self.batch, self.measuring = start, None, None
        self.finish, self.error = "", ""

    def metrics(self, offset: int) -> Metrics:
        epochs = tuple(epoch for _, epoch in sorted(self.epochs.items()))
        losses = dict(sorted(self.losses.items()))
        return Metrics(
            self.start,
            epochs,
            self.batch,
            self.measuring,
            losses,
            self.finish,
            self.error,
            offset,
        )
