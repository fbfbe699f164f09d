"""What a run must not lose: how far it is, and everything needed to go on from there."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from core.files import replacing

BEST = "best.pth"


@dataclass(frozen=True)
class Progress:
    """How far a run is. Accuracy is on validation, below zero before the first epoch."""

    epochs_done: int = 0
    best_epoch: int = 0
    best_accuracy: float = -1.0

    def after(self, epoch: int, accuracy: float) -> "Progress":
        """The same once that epoch is over; the first of equally good ones stays the best."""
        if accuracy > self.best_accuracy:
            return Progress(epoch, epoch, accuracy)
        return replace(self, epochs_done=epoch)


class Checkpoint:
    """One file that is there whole or not at all, and beside it the best epoch's weights."""

    def __init__(
        self,
        path: Path,
        fabric: Fabric,
        net: Any,
        optimizer: Any,
        schedule: LRScheduler,
        average: AveragedModel | None,
    ) -> None:
        self._path, self._fabric, self._net, self._average = path, fabric, net, average
        self._state = {"net": net, "optimizer": optimizer, "schedule": schedule}
        if average is not None:
            self._state["average"] = average

    def save(self, progress: Progress) -> None:
        """Replaces the last one; of several processes the first writes."""
        part = self._path.with_suffix(".part")  # one name, which all processes of a run write
        self._fabric.save(part, {**self._state, **vars(progress)})
        if not self._fabric.is_global_zero:
            return
        if progress.best_epoch == progress.epochs_done:
            with replacing(self._path.with_name(BEST)) as best:
                torch.save(self._answering().state_dict(), best)
        os.replace(part, self._path)

    def load(self) -> Progress:
        """Puts everything back as it was saved."""
        rest = self._fabric.load(self._path, self._state)
        return Progress(rest["epochs_done"], rest["best_epoch"], rest["best_accuracy"])

    def _answering(self) -> nn.Module:
        """The network that is validated: the average where there is one."""
        answering: nn.Module = (self._net if self._average is None else self._average).module
        return answering
