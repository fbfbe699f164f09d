"""How the weights are moved: optimizer, schedule, averaging, precision."""

from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer, lr_scheduler
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.training.config import TrainConfig

OPTIMIZERS = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "nadam": torch.optim.NAdam}


def optimizer(config: TrainConfig, net: nn.Module) -> Optimizer:
    """The optimizer that the configuration names, over all weights of ``net``."""
    build: type[torch.optim.Adam] = OPTIMIZERS[config.optimizer]
    return build(net.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)


def precision(asked: str) -> Any:
    """Fabric's name of the precision asked for; "auto" takes what the machine computes natively."""
    if asked != "auto":
        return asked
    if torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
    # The one public sign of native bf16 on CPUs is in the operator library.
    return "bf16-mixed" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "32-true"


def average(config: TrainConfig, net: nn.Module) -> AveragedModel | None:
    """The moving average of the weights, None where the configuration wants none."""
    if not config.weight_average:
        return None
    decay = get_ema_multi_avg_fn(config.weight_average)  # type: ignore[no-untyped-call]
    return AveragedModel(net, multi_avg_fn=decay, use_buffers=True)


def schedule(config: TrainConfig, optimizer: Optimizer, batches: int) -> LRScheduler:
    """How the learning rate goes, step by step, over the whole run."""
    steps = config.epochs * batches
    if config.schedule == "one_cycle":
        return lr_scheduler.OneCycleLR(optimizer, config.learning_rate, total_steps=steps + 1)
    if config.schedule == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, steps)
    return lr_scheduler.ConstantLR(optimizer, factor=1.0)
