"""Mixes the style of images inside the network: what tells laboratories apart, not cells.

Zhou et al. 2021, Domain Generalization with MixStyle, ICLR, arXiv:2104.02008.
"""

import torch
from torch import Tensor, nn

from core.vision.networks import stages

STAGES = 2  # the first ones: they hold colour and texture
_TOWARDS = 0.2  # of the Beta distribution: mostly one of the two styles, seldom half way


def mix_features(net: nn.Module, share: float) -> None:
    """In training, a share of the batches gets mixed styles after each of the first stages."""
    for stage in stages(net)[:STAGES]:
        stage.register_forward_hook(_Mixing(share))


class _Mixing:
    def __init__(self, share: float) -> None:
        self._share = share
        self._part = torch.distributions.Beta(_TOWARDS, _TOWARDS)

    def __call__(self, stage: nn.Module, _: object, features: Tensor) -> Tensor:
        if not stage.training or torch.rand(()) >= self._share:
            return features
        return mixed(features, self._part.sample((len(features), 1, 1, 1)))


def mixed(features: Tensor, part: Tensor) -> Tensor:
    """(N, C, H, W) → the same, with mean and deviation brought towards another image's.

    Args:
        part: (N, 1, 1, 1) of each image's own that is kept.
    """
    mean = features.mean(dim=(2, 3), keepdim=True).detach()
    spread = (features.var(dim=(2, 3), keepdim=True) + 1e-5).sqrt().detach()
    other = torch.randperm(len(features), device=features.device)
    part = part.to(features)
    wanted_mean = part * mean + (1 - part) * mean[other]
    wanted_spread = part * spread + (1 - part) * spread[other]
    return (features - mean) / spread * wanted_spread + wanted_mean
