"""What is to be trained: all that a process needs to do its part."""

from dataclasses import dataclass
from pathlib import Path

from core.training.config import TrainConfig
from core.training.loop.data import TrainingData


@dataclass(frozen=True, eq=False)
class Task:
    """One training.

    Attributes:
        checkpoint: holds how far it is, also of an earlier process.
        start_weights: a state_dict of the same architecture to start from.
        start_outputs: keys of its outputs, in order; none where they are those of ``data``.
    """

    config: TrainConfig
    data: TrainingData
    checkpoint: Path
    start_weights: Path | None = None
    start_outputs: tuple[str, ...] = ()
