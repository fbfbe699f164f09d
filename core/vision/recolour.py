"""Changes of stain and light: a batch as another laboratory would have made it."""

import torch
from torch import Tensor
from torch.nn import functional as F

from core.vision.augmentation import Augmentation
from core.vision.draws import Draws

_LEAST_SPREAD = 0.03  # of optical density: an image of one colour has none to divide by
_BETWEEN = (0.35, 0.75)  # optical density between what is pale and what is dark
_EDGE = 0.08


def recoloured(images: Tensor, how: Augmentation, draw: Draws) -> Tensor:
    """(N, 3, S, S) in [0, 1] → the same, each image changed at random."""
    if how.stain or how.density:
        images = _mix_stain(images, how, draw)
    if how.exchange:
        images = _exchange(images, how.exchange, draw)
    if how.zones:
        images = _stain_zones(images, how.zones, draw)
    if how.brightness or how.contrast:
        images = _change_light(images, how, draw)
    if how.exposure:
        images = _overexpose(images, how.exposure, draw)
    if how.grey:
        grey = draw.chance(how.grey, 1, 1, 1)
        images = torch.where(grey, images.mean(dim=1, keepdim=True), images)
    return images


def density_of(images: Tensor) -> Tensor:
    """Optical density, natural logarithm: stains add up in it, not in intensity (Beer-Lambert)."""
    return -torch.log(images.clamp(min=1 / 255))


def _mix_stain(images: Tensor, how: Augmentation, draw: Draws) -> Tensor:
    density = density_of(images)
    mix = torch.eye(3, device=images.device) + draw.uniform(how.stain, 3, 3)
    mix = mix * torch.exp(draw.uniform(how.density, 1, 1))
    flat = torch.bmm(mix, density.flatten(2))  # (N, 3, S*S)
    return torch.exp(-flat).view_as(images)


def _change_light(images: Tensor, how: Augmentation, draw: Draws) -> Tensor:
    gain = 1 + draw.uniform(how.contrast, 1, 1, 1)
    offset = draw.uniform(how.brightness, 1, 1, 1) * 0.5
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return (images - mean) * gain + mean + offset


def _exchange(images: Tensor, share: float, draw: Draws) -> Tensor:
    """Some images get, by a random part, the colours of another: mean and deviation of density."""
    density = density_of(images)
    mean = density.mean(dim=(2, 3), keepdim=True)
    spread = density.std(dim=(2, 3), keepdim=True).clamp(min=_LEAST_SPREAD)
    other = draw.order()
    part = (draw.uniform(0.5, 1, 1, 1) + 0.5) * draw.chance(share, 1, 1, 1)
    wanted_mean = mean + (mean[other] - mean) * part
    wanted_spread = spread * (spread[other] / spread) ** part
    changed = (density - mean) / spread * wanted_spread + wanted_mean
    return torch.exp(-changed.clamp(min=0))


def _stain_zones(images: Tensor, limit: float, draw: Draws) -> Tensor:
    """What is pale, as cytoplasm and red cells, is stained otherwise than what is dark."""
    density = density_of(images)
    depth = F.avg_pool2d(density.mean(dim=1, keepdim=True), 3, stride=1, padding=1)
    low, high = _BETWEEN
    between = low + (high - low) * (draw.uniform(0.5, 1, 1, 1) + 0.5)
    dark = torch.sigmoid((depth - between) / _EDGE)
    mix = torch.eye(3, device=images.device) + draw.uniform(limit, 3, 3)
    mix = mix * torch.exp(draw.uniform(limit, 1, 1))
    pale = torch.bmm(mix, density.flatten(2)).view_as(density).clamp(min=0)
    changed = torch.exp(-(dark * density + (1 - dark) * pale))
    return torch.where(draw.chance(0.7, 1, 1, 1), changed, images)


def _overexpose(images: Tensor, limit: float, draw: Draws) -> Tensor:
    much = draw.uniform(limit, 1, 1, 1).abs() * draw.chance(0.5, 1, 1, 1)
    apart = 1 + draw.uniform(0.3, 3, 1, 1)
    return (images * torch.exp(much * apart)).clamp(max=1.0)
