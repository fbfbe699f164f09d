"""How long a run has trained, how long it still takes, and what a new one will take."""

from collections.abc import Sequence
from statistics import median

from core.training.config import TrainConfig
from core.training.runs.folder import Run
from core.training.runs.metrics_log import Metrics

TRAIN_SHARE = 0.7  # of the images, as core.dataset.splits deals them out


def trained_s(run: Run) -> float:
    """Seconds of training so far, without the time that it waited or was stopped."""
    whole = sum(epoch.seconds for epoch in run.metrics.epochs)
    return whole + _seconds_in_epoch(run)


def left_s(run: Run) -> float | None:
    """Seconds until the last epoch, if it does not stop early; None while nothing is known."""
    start, metrics = run.metrics.start, run.metrics
    if start is None:
        return None
    epoch_s = _epoch_s(metrics)
    if epoch_s is None:
        return None
    return max(
        0.0,
        (run.config.epochs - len(metrics.epochs)) * epoch_s - _seconds_in_epoch(run),
    )


def expected_s(config: TrainConfig, earlier: Sequence[Run]) -> float | None:
    """Seconds that ``config`` takes at most, from earlier runs of its kind, newest first.

    Of its kind is: the same network, side and precision, in this folder of runs and so on this
    machine. None where no such run finished an epoch, or the number of images is not known.
    """
    images = _training_images(config, earlier)
    for run in earlier:
        start, epoch_s = run.metrics.start, _whole_epoch_s(run.metrics)
        if images and start and epoch_s is not None and _kind(run.config) == _kind(config):
            return config.epochs * epoch_s * images / max(start.images["train"], 1)
    return None


def _training_images(config: TrainConfig, earlier: Sequence[Run]) -> float | None:
    for run in earlier:
        same = (run.config.data_dir, run.config.limit) == (config.data_dir, config.limit)
        if same and run.metrics.start:
            return run.metrics.start.images["train"]
    return config.limit * TRAIN_SHARE if config.limit else None


def _kind(config: TrainConfig) -> tuple[str, int, str, int, int]:
    return (
        config.architecture,
        config.side_px,
        config.precision,
        config.devices,
        config.nodes,
    )


def _whole_epoch_s(metrics: Metrics) -> float | None:
    return median(e.seconds for e in metrics.epochs) if metrics.epochs else None


def _epoch_s(metrics: Metrics) -> float | None:
    whole = _whole_epoch_s(metrics)
    if whole is None and metrics.start and metrics.batch:
        return metrics.start.images["train"] / max(metrics.batch.images_per_second, 1e-9)
    return whole


def _seconds_in_epoch(run: Run) -> float:
    batch = run.metrics.batch
    if batch is None:
        return 0.0
    images = batch.batch * run.config.batch_size * run.config.devices
    return images / max(batch.images_per_second, 1e-9)
