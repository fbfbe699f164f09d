"""The training loop: yields what happened, and leaves drawing and writing to others.

for event in fit(config, data, checkpoint):
    ...
"""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.nn import functional as F

from core.training.config import TrainConfig
from core.training.loop import optimisation
from core.training.loop.balance import drawn
from core.training.loop.checkpoint import Checkpoint, Progress
from core.training.loop.data import TrainingData
from core.training.loop.events import BatchDone, EpochDone, Event, Finished, Started
from core.training.loop.mixing import mix_features
from core.vision import networks
from core.vision.augment import augment, normalise
from core.vision.networks import SCRATCH


def fit(
    config: TrainConfig,
    data: TrainingData,
    checkpoint: Path,
    should_stop: Callable[[], bool] = lambda: False,
    start_weights: Path | None = None,
) -> Iterator[Event]:
    """Trains, from the checkpoint's last whole epoch where there is one.

    After each epoch ``checkpoint`` holds everything needed to go on, and ``best.pth``
    beside it the weights of the epoch with the highest validation accuracy.

    Args:
        should_stop: asked after each batch.
        start_weights: a state_dict of the same architecture to start from.
    """
    run = _Run(config, data, checkpoint, start_weights)
    yield run.started()
    for epoch in range(run.progress.epochs_done + 1, config.epochs + 1):
        begin, train = time.monotonic(), _Sums()
        for batch in run.train_epoch(epoch, train):
            yield batch
            if should_stop():
                yield run.finished("stopped")
                return
        yield run.end_epoch(epoch, train, time.monotonic() - begin)
        if run.is_stale(epoch):
            yield run.finished("early stop")
            return
    yield run.finished("done")


class _Sums:
    """Loss and hits summed over images."""

    def __init__(self) -> None:
        self.totals = torch.zeros(3, dtype=torch.float64)  # loss, correct, count

    def add(self, loss: Tensor, logits: Tensor, targets: Tensor) -> None:
        correct = (logits.argmax(1) == targets).sum()
        count = len(targets)
        self.totals += torch.tensor([float(loss.detach()) * count, float(correct), count])

    def means(self, fabric: Fabric) -> tuple[float, float]:
        """Loss and accuracy over all processes."""
        totals = self.totals.to(fabric.device, torch.float32)
        loss, correct, count = cast(Tensor, fabric.all_reduce(totals, reduce_op="sum")).tolist()
        return loss / max(count, 1), correct / max(count, 1)


class _Run:
    """What lives as long as one call of ``fit``."""

    def __init__(
        self,
        config: TrainConfig,
        data: TrainingData,
        checkpoint: Path,
        start_weights: Path | None,
    ) -> None:
        self.config, self.data = config, data
        torch.manual_seed(config.seed)
        self.precision = optimisation.precision(config.precision)
        self.fabric = Fabric(
            devices=config.devices, num_nodes=config.nodes, precision=self.precision
        )
        self.fabric.launch()
        net, self.pretrained = networks.build(
            config.architecture,
            len(data.classes) + len(data.outside),
            side_px=config.side_px,
            pretrained=config.pretrained,
        )
        if start_weights is not None:
            networks.load_start(net, start_weights)
            self.pretrained = f"bundle {config.start}"
        # From scratch there are no statistics yet that could be kept.
        self.freezes = config.frozen_statistics and not self.pretrained.startswith(SCRATCH)
        net = net.to(memory_format=torch.channels_last)  # faster convolutions on CPU and GPU
        if config.mixed_features:
            mix_features(net, config.mixed_features)
        if self.fabric.device.type == "cpu":
            networks.ease_depthwise(net)
        optimizer = optimisation.optimizer(config, net)
        self.batches = max(1, math.ceil(len(self._shard(data.train)) / config.batch_size))
        self.net, self.optimizer = self.fabric.setup(net, optimizer)
        self.schedule = optimisation.schedule(config, optimizer, self.batches)
        self.average = optimisation.average(config, net)
        self.checkpoint = Checkpoint(
            checkpoint, self.fabric, self.net, self.optimizer, self.schedule, self.average
        )
        self.progress = self.checkpoint.load() if checkpoint.exists() else Progress()

    def started(self) -> Started:
        return Started(
            device=str(self.fabric.device),
            precision=self.precision,
            pretrained=self.pretrained,
            images={"train": len(self.data.train), "validation": len(self.data.validation)},
            epochs=self.config.epochs,
            batches=self.batches,
            epochs_done=self.progress.epochs_done,
        )

    def train_epoch(self, epoch: int, sums: _Sums) -> Iterator[BatchDone]:
        # Seeded by epoch, so that a resumed run sees what the unbroken one would have seen.
        seed = self.config.seed * 100_003 + epoch
        torch.manual_seed(seed)  # dropout
        generator = torch.Generator().manual_seed(seed)
        places = drawn(len(self.data.train), self.data.weights, generator)
        order = self._shard(self.data.train[places])
        self.net.train()
        if self.freezes:
            networks.freeze_statistics(self.net)
        begin, seen = time.monotonic(), 0
        for batch in range(self.batches):
            rows = order[batch * self.config.batch_size : (batch + 1) * self.config.batch_size]
            pixels, targets = self._batch(rows)
            images = augment(pixels, self.config.augmentation, generator, self.config.side_px)
            loss, logits = self._step(images, targets)
            sums.add(loss, logits, targets)
            seen += len(rows) * self.fabric.world_size
            rate = seen / (time.monotonic() - begin)
            yield BatchDone(epoch, batch + 1, self.batches, float(loss.detach()), rate)

    def end_epoch(self, epoch: int, train: _Sums, seconds: float) -> EpochDone:
        loss, accuracy = train.means(self.fabric)
        validation = self._validate().means(self.fabric)
        best = validation[1] > self.progress.best_accuracy
        self.progress = self.progress.after(epoch, validation[1])
        self.checkpoint.save(self.progress)
        return EpochDone(
            epoch=epoch,
            train_loss=loss,
            train_accuracy=accuracy,
            validation_loss=validation[0],
            validation_accuracy=validation[1],
            learning_rate=float(self.schedule.get_last_lr()[0]),
            seconds=seconds,
            images_per_second=len(self.data.train) / seconds,
            best=best,
        )

    def is_stale(self, epoch: int) -> bool:
        patience = self.config.early_stopping_patience
        return bool(patience) and epoch - self.progress.best_epoch >= patience

    def finished(self, reason: str) -> Finished:
        best = self.progress
        return Finished(reason, best.best_epoch, max(best.best_accuracy, 0.0))

    def _shard(self, rows: np.ndarray) -> np.ndarray:
        return rows[self.fabric.global_rank :: self.fabric.world_size]

    def _batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        pixels = torch.from_numpy(self.data.images[rows]).permute(0, 3, 1, 2)  # (N, 3, S, S)
        targets = torch.from_numpy(self.data.targets[rows])
        return self.fabric.to_device(pixels), self.fabric.to_device(targets)

    def _step(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.net(images.contiguous(memory_format=torch.channels_last)).float()
        loss = F.cross_entropy(logits, targets, label_smoothing=self.config.label_smoothing)
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        self.fabric.clip_gradients(self.net, self.optimizer, max_norm=5.0)
        self.optimizer.step()
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.net.module)
        return loss, logits.detach()

    @torch.inference_mode()
    def _validate(self) -> _Sums:
        net = self.net if self.average is None else self.average
        net.eval()
        sums, rows = _Sums(), self._shard(self.data.validation)
        for start in range(0, len(rows), self.config.batch_size):
            pixels, targets = self._batch(rows[start : start + self.config.batch_size])
            images = normalise(pixels, self.config.side_px)
            with self.fabric.autocast():
                logits = net(images.contiguous(memory_format=torch.channels_last)).float()
            sums.add(F.cross_entropy(logits, targets), logits, targets)
        return sums
