"""One process of a training: a network, its share of the images, and what moves the weights."""

import math
import time
from collections.abc import Iterator
from typing import cast

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from torch import Tensor
from torch.nn import functional as F

from core.errors import TrainingError
from core.training.loop import optimisation, shares
from core.training.loop.balance import drawn
from core.training.loop.checkpoint import Checkpoint, Progress
from core.training.loop.events import BatchDone, EpochDone, Finished, Started
from core.training.loop.network import starting_network
from core.training.loop.sums import Sums
from core.training.loop.task import Task
from core.vision import networks
from core.vision.augment import augment, normalise
from core.vision.networks import SCRATCH

MOST_LOST = 25  # batches in a row: 16-bit training finds its scale within fewer
DIVERGED = (
    "The loss is no number any more: the weights run away. Start a new run with a lower learning "
    "rate, or with the precision 32-true."
)


class Learner:
    """What lives as long as one process of a training: the network and all that moves it."""

    def __init__(self, task: Task) -> None:
        self.config, self.data = task.config, task.data
        torch.manual_seed(self.config.seed)
        self.precision = optimisation.precision(self.config.precision)
        self.fabric = Fabric(
            devices=self.config.devices,
            num_nodes=self.config.nodes,
            precision=self.precision,
            plugins=[LightningEnvironment()],  # also where a cluster's scheduler started the job
        )
        self.fabric.launch()
        with self.fabric.rank_zero_first():  # it fetches weights, the others find them
            net, self.pretrained = starting_network(task)
        # From scratch there are no statistics yet that could be kept.
        self.freezes = self.config.frozen_statistics and not self.pretrained.startswith(SCRATCH)
        if self.fabric.device.type == "cpu":
            networks.ease_depthwise(net)
        optimizer = optimisation.optimizer(self.config, net)
        share = shares.of_each(len(self.data.train), self.fabric.world_size)
        self.batches = shares.batches(share, self.config.batch_size)
        self.lost = 0  # batches in a row
        self.net, self.optimizer = self.fabric.setup(net, optimizer)
        self.schedule = optimisation.schedule(self.config, optimizer, self.batches)
        self.average = optimisation.average(self.config, net)
        self.checkpoint = Checkpoint(
            task.checkpoint, self.fabric, self.net, self.optimizer, self.schedule, self.average
        )
        self.progress = self.checkpoint.load() if task.checkpoint.exists() else Progress()

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

    def train_epoch(self, epoch: int, sums: Sums) -> Iterator[BatchDone]:
        # Seeded by epoch, so that a resumed run sees what the unbroken one would have seen.
        seed = self.config.seed * 100_003 + epoch
        generator = torch.Generator().manual_seed(seed)
        places = drawn(len(self.data.train), self.data.weights, generator)
        rank, processes = self.fabric.global_rank, self.fabric.world_size
        order = shares.share(self.data.train[places], rank, processes)
        torch.manual_seed(seed + rank)  # dropout
        if rank:  # else all would turn their images alike
            generator.manual_seed(seed + rank)
        self.net.train()
        if self.freezes:
            networks.freeze_statistics(self.net)
        begin, seen = time.monotonic(), 0
        for batch in range(self.batches):
            rows = shares.batch(order, batch, self.config.batch_size)
            pixels, targets = self._batch(rows)
            images = augment(pixels, self.config.augmentation, generator, self.config.side_px)
            loss, logits = self._step(images, targets)
            if not self.lost:
                sums.add(loss, logits, targets)
            seen += len(rows) * processes
            rate = seen / (time.monotonic() - begin)
            yield BatchDone(epoch, batch + 1, self.batches, float(loss.detach()), rate)

    def end_epoch(self, epoch: int, train: Sums, seconds: float) -> EpochDone:
        loss, accuracy = train.means(self.fabric)
        self._share_statistics()
        validation = self._validate().means(self.fabric)
        if not math.isfinite(validation[0]):
            raise TrainingError(DIVERGED)
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

    def agree_on(self, stop: bool) -> bool:
        """Whether to stop, as the first process says, so that none waits for another in vain."""
        return bool(self.fabric.broadcast(stop))

    def _batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        pixels = torch.from_numpy(self.data.images[rows]).permute(0, 3, 1, 2)  # (N, 3, S, S)
        targets = torch.from_numpy(self.data.targets[rows])
        return self.fabric.to_device(pixels), self.fabric.to_device(targets)

    def _step(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.net(images.contiguous(memory_format=torch.channels_last)).float()
        loss = F.cross_entropy(logits, targets, label_smoothing=self.config.label_smoothing)
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        norm = cast(
            Tensor,
            self.fabric.clip_gradients(
                self.net, self.optimizer, max_norm=5.0, error_if_nonfinite=False
            ),
        )
        self._heed(norm)
        self.optimizer.step()
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.net.module)
        return loss, logits.detach()

    def _heed(self, norm: Tensor) -> None:
        """Loses a step whose gradients are not finite, rather than the weights."""
        self.lost = 0 if norm.isfinite() else self.lost + 1
        if self.lost:
            self.optimizer.zero_grad()  # the step that follows moves nothing, but tells the scaler
        if self.lost > MOST_LOST:
            raise TrainingError(DIVERGED)

    def _share_statistics(self) -> None:
        """Gives all processes the mean of what batch normalisation measured in each."""
        averaged = [] if self.average is None else self.average.buffers()
        for values in (*self.net.module.buffers(), *averaged):
            if values.is_floating_point():
                values.copy_(cast(Tensor, self.fabric.all_reduce(values, reduce_op="mean")))

    @torch.inference_mode()
    def _validate(self) -> Sums:
        """Each image counts once. The bare network: processes with fewer batches need not wait."""
        net = (self.net if self.average is None else self.average).module
        net.eval()
        sums = Sums()
        rows = self.data.validation[self.fabric.global_rank :: self.fabric.world_size]
        for start in range(0, len(rows), self.config.batch_size):
            pixels, targets = self._batch(rows[start : start + self.config.batch_size])
            images = normalise(pixels, self.config.side_px)
            with self.fabric.autocast():
                logits = net(images.contiguous(memory_format=torch.channels_last)).float()
            sums.add(F.cross_entropy(logits, targets), logits, targets)
        return sums
