"""Loss and hits, summed over the images and the processes of a run."""

from typing import cast

import torch
from lightning_fabric import Fabric
from torch import Tensor


class Sums:
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
