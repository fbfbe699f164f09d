"""Styles are mixed in training alone, and what a cell shows stays."""

import torch
from torch import nn

from core.training.loop.mixing import mix_features, mixed
from core.vision.networks import build


def test_a_mixed_image_has_the_style_of_the_other() -> None:
    torch.manual_seed(1)
    features = torch.randn(2, 3, 8, 8) * torch.tensor([1.0, 5.0]).view(2, 1, 1, 1)
    changed = mixed(features, torch.zeros(2, 1, 1, 1))
    spread = changed.std(dim=(2, 3)).mean(dim=1)
    own, other = features[0].flatten(), changed[0].flatten()
    assert spread.sort().values[1] > 3
    assert torch.corrcoef(torch.stack([own, other]))[0, 1] > 0.9


def test_only_training_mixes() -> None:
    net: nn.Module = build("efficientnet_lite0", 2)[0]
    mix_features(net, 1.0)
    images = torch.randn(4, 3, 64, 64)
    net.eval()
    torch.testing.assert_close(net(images), net(images))
    before = {key: value.clone() for key, value in net.state_dict().items()}
    assert before.keys() == build("efficientnet_lite0", 2)[0].state_dict().keys()
