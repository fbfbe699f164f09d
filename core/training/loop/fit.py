"""The training loop: yields what happened, and leaves drawing and writing to others.

for event in fit(config, data, checkpoint):
    ...
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import TrainingError
from core.training.config import TrainConfig
from core.training.loop.data import TrainingData
from core.training.loop.events import Event
from core.training.loop.learner import Learner
from core.training.loop.processes import fit_on_all
from core.training.loop.sums import Sums
from core.training.loop.task import Task


def fit(
    config: TrainConfig,
    data: TrainingData,
    checkpoint: Path,
    should_stop: Callable[[], bool] = lambda: False,
    start_weights: Path | None = None,
    start_outputs: tuple[str, ...] = (),
) -> Iterator[Event]:
    """Trains, from the checkpoint's last whole epoch where there is one.

    After each epoch ``checkpoint`` holds everything needed to go on, and ``best.pth``
    beside it the weights of the epoch with the highest validation accuracy.

    Args:
        should_stop: asked after each batch.
        start_weights: a state_dict of the same architecture to start from.
        start_outputs: keys of its outputs, in order; none where they are those of ``data``.

    Raises:
        TrainingError: it cannot be trained on these devices, or the weights run away.
    """
    if config.nodes > 1:
        raise TrainingError(
            "Nothing starts a training on other machines yet. Set nodes to 1; devices says how "
            "many of this machine are used."
        )
    start_weights = start_weights and start_weights.absolute()
    task = Task(config, data, checkpoint.absolute(), start_weights, start_outputs)
    if config.devices > 1:
        yield from fit_on_all(task, should_stop)
    else:
        yield from train(task, should_stop)


def train(task: Task, should_stop: Callable[[], bool]) -> Iterator[Event]:
    """Does the part of this process in a training, which is all of it where there is one."""
    learner = Learner(task)
    yield learner.started()
    for epoch in range(learner.progress.epochs_done + 1, task.config.epochs + 1):
        begin, sums = time.monotonic(), Sums()
        for batch in learner.train_epoch(epoch, sums):
            yield batch
            if learner.agree_on(should_stop()):
                yield learner.finished("stopped")
                return
        yield learner.end_epoch(epoch, sums, time.monotonic() - begin)
        if learner.is_stale(epoch):
            yield learner.finished("early stop")
            return
    yield learner.finished("done")
