"""A run that somebody waits for: started like any other, followed to its end, made a bundle."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.errors import TrainingError
from core.jobs import Queue
from core.training import runs
from core.training.config import TrainConfig
from core.training.packaging.export import check_name, make_bundle
from core.training.runs.state import Status
from core.vision.bundle import Bundle, bundle_folders, find_bundle

POLL_S = 1.0


def train_bundle(
    config: TrainConfig, name: str, queue: Queue, say: Callable[[str], None]
) -> Bundle:
    """Trains in a process of its own, tells each epoch, and makes the best one a bundle.

    Interrupting it asks the run to stop; the dashboard can resume it.

    Raises:
        InvalidConfigError: the name cannot be used; said before any training.
        TrainingError: the run failed or was stopped.
    """
    check_name(name, queue.settings)
    run = runs.start(config, queue, by=None)
    say(f"run {run.id}")
    try:
        run = _follow(run, queue, say)
    except KeyboardInterrupt:
        runs.stop(run.id, queue)
        raise
    if run.status != Status.FINISHED:
        raise TrainingError(f"Run {run.id} is {run.status}: {run.state.message}")
    return make_bundle(run.folder, name, queue.settings)


def train_stages(
    stages: Sequence[TrainConfig], name: str, queue: Queue, say: Callable[[str], None]
) -> Bundle:
    """Trains one after the other, each from the bundle of the one before.

    The earlier bundles are kept as ``name-1``, ``name-2`` …; one that is there already is not
    trained again, so that the command can be given once more after it was interrupted.

    Raises:
        InvalidConfigError: the name cannot be used; said before any training.
        TrainingError: a run failed or was stopped.
    """
    check_name(name, queue.settings)
    start = ""
    for number, stage in enumerate(stages, 1):
        own = name if number == len(stages) else f"{name}-{number}"
        if own in bundle_folders(queue.settings):
            say(f"{own} is there already")
        else:
            train_bundle(replace(stage, start=start), own, queue, say)
        start = own
    return find_bundle(name, queue.settings)


def _follow(run: runs.Run, queue: Queue, say: Callable[[str], None]) -> runs.Run:
    told = 0
    while True:
        epochs = run.metrics.epochs
        for epoch in epochs[told:]:
            say(
                f"epoch {epoch.epoch}: loss {epoch.train_loss:.4f}, "
                f"validation {epoch.validation_loss:.4f}, "
                f"accuracy {epoch.validation_accuracy:.2%}, {epoch.images_per_second:.0f} images/s"
            )
        told = len(epochs)
        if run.is_over:
            return run
        time.sleep(POLL_S)
        queue.sweep()
        run = runs.find_run(run.id, queue)
