"""The network that a training begins with."""

import torch
from torch import nn

from core.training.loop.mixing import mix_features
from core.training.loop.task import Task
from core.vision import networks


def starting_network(task: Task) -> tuple[nn.Module, str]:
    """The network of a training before its first step, and where its weights come from, in words.

    Raises:
        InvalidConfigError: no such network, one that cannot take this side, or the weights to
            start from are of another architecture.
    """
    config = task.config
    net, origin = networks.build(
        config.architecture,
        len(task.data.classes) + len(task.data.outside),
        side_px=config.side_px,
        pretrained=config.pretrained,
    )
    if task.start_weights is not None:
        outputs = (*task.data.classes, *task.data.outside)
        networks.load_start(net, task.start_weights, task.start_outputs, outputs)
        origin = f"bundle {config.start}"
    net = net.to(memory_format=torch.channels_last)  # faster convolutions on CPU and GPU
    if config.mixed_features:
        mix_features(net, config.mixed_features)
    return net, origin
