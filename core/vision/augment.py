"""Augmentation of whole batches as tensors: one affine warp and one colour change an image."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from core.vision.augmentation import Augmentation
from core.vision.draws import Draws
from core.vision.recolour import recoloured


def normalise(pixels: Tensor, side_px: int | None = None) -> Tensor:
    """The middle of (N, 3, S, S) uint8 → (N, 3, side_px, side_px) float32 in [-1, 1]."""
    side_px = side_px or pixels.shape[-1]
    start = (pixels.shape[-1] - side_px) // 2
    middle = pixels[..., start : start + side_px, start : start + side_px]
    return middle.float().div_(127.5).sub_(1.0)


def augment(
    pixels: Tensor, how: Augmentation, generator: torch.Generator, side_px: int | None = None
) -> Tensor:
    """One random change of each image.

    Args:
        pixels: (N, 3, S, S) uint8, on any device.
        how: the limits of the change.
        generator: a CPU generator; the same state gives the same images.
        side_px: side of the result, cut from the middle at the same scale; None for all of it.

    Returns:
        (N, 3, side_px, side_px) float32 in [-1, 1], on the same device.
    """
    side_px = side_px or pixels.shape[-1]
    images = pixels.float().div_(255.0)
    draw = Draws(len(images), generator, images.device)
    moved = how.flips or how.rotation_degrees or how.zoom or how.shift or how.fringe
    if moved or side_px != images.shape[-1]:
        images = _warp(images, how, draw, side_px)
    plain = images.clone() if how.plain else images  # what follows may change it in place
    images = recoloured(images, how, draw)
    if how.surroundings:
        images = _swap_surroundings(images, how.surroundings, draw)
    if how.cut:
        images = _cut(images, how.cut, draw)
    if how.coarse:
        images = _coarsen(images, how.coarse, draw)
    if how.defocus:
        images = _defocus(images, how.defocus, draw)
    if how.blur:
        images = _soften(images, how.blur, draw)
    if how.noise:
        images = images + draw.normal(*images.shape[1:]) * draw.uniform(how.noise, 1, 1, 1)
    if how.plain:
        images = torch.where(draw.chance(how.plain, 1, 1, 1), plain, images)
    return images.clamp_(0.0, 1.0).mul_(2.0).sub_(1.0)


def _warp(images: Tensor, how: Augmentation, draw: Draws, side_px: int) -> Tensor:
    angle = draw.uniform(math.radians(how.rotation_degrees))
    scale = torch.exp(draw.uniform(math.log1p(how.zoom))) * side_px / images.shape[-1]
    across = draw.sign() if how.flips else torch.ones_like(angle)
    down = draw.sign() if how.flips else torch.ones_like(angle)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    move = draw.uniform(2 * how.shift * side_px / images.shape[-1], 2)
    rows = torch.stack(
        [cos * across, -sin * down, move[:, 0], sin * across, cos * down, move[:, 1]]
    )
    theta = rows.T.reshape(-1, 2, 3)
    if how.fringe:
        images, theta = _apart(images, theta, how.fringe, draw)
    grid = F.affine_grid(theta, [*images.shape[:2], side_px, side_px], align_corners=False)
    warped = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return warped.view(-1, 3, side_px, side_px)


def _apart(images: Tensor, theta: Tensor, limit: float, draw: Draws) -> tuple[Tensor, Tensor]:
    """Each colour channel as an image of its own, (N*3, 1, S, S), with its own (N*3, 2, 3)."""
    chosen = draw.chance(0.5, 1, 1)
    move = draw.uniform(limit, 3, 2) * chosen
    theta = theta.unsqueeze(1).repeat(1, 3, 1, 1)
    theta[..., 2] += move - move.mean(dim=1, keepdim=True)
    theta[..., :2] *= 1 + draw.uniform(limit, 3, 1, 1) * chosen.unsqueeze(-1)
    return images.reshape(-1, 1, *images.shape[2:]), theta.flatten(0, 1)


def _swap_surroundings(images: Tensor, share: float, draw: Draws) -> Tensor:
    x = torch.linspace(-1, 1, images.shape[-1], device=images.device)
    from_middle = (x.square().unsqueeze(0) + x.square().unsqueeze(1)).sqrt()
    radius = 0.6 + draw.uniform(0.1, 1, 1, 1)  # of half the side: a framed cell lies within
    cell = ((radius - from_middle) / 0.06).clamp(0, 1)  # with a soft edge
    swapped = cell * images + (1 - cell) * images[draw.order()]
    return torch.where(draw.chance(share, 1, 1, 1), swapped, images)


def _cut(images: Tensor, share: float, draw: Draws) -> Tensor:
    x = torch.linspace(-1, 1, images.shape[-1], device=images.device)
    half = 0.725 + draw.uniform(0.225, 1)  # of the frame's half side: 0.5 to 0.95
    beyond = [(x - draw.uniform(0.12, 1)).abs() > half for _ in range(2)]  # (N, S) each
    white = beyond[0].unsqueeze(1) | beyond[1].unsqueeze(2)
    chosen = (draw.uniform(0.5, 1, 1) + 0.5) < share
    return torch.where((white & chosen).unsqueeze(1), torch.ones_like(images), images)


def _coarsen(images: Tensor, limit: float, draw: Draws) -> Tensor:
    return _lose_resolution(images, draw.sign() > 0, limit, draw)


def _defocus(images: Tensor, limit: float, draw: Draws) -> Tensor:
    channels = images.reshape(-1, 1, *images.shape[2:])
    return _lose_resolution(channels, draw.chance(0.3, 3).flatten(), limit, draw).view_as(images)


def _lose_resolution(images: Tensor, chosen: Tensor, limit: float, draw: Draws) -> Tensor:
    # One scale a batch, as with blur.
    scale = 1 - limit * float(draw.uniform(1.0)[0].abs())
    if chosen.any():
        small = F.interpolate(
            images[chosen], scale_factor=scale, mode="bilinear", antialias=True, align_corners=False
        )
        side = images.shape[-2:]
        images[chosen] = F.interpolate(small, size=side, mode="bilinear", align_corners=False)
    return images


def _soften(images: Tensor, limit: float, draw: Draws) -> Tensor:
    # One sigma a batch keeps it one convolution; half of the images stay sharp.
    sigma = max(float(draw.uniform(limit)[0].abs()), 0.1)
    radius = math.ceil(2 * sigma)
    x = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
    kernel = torch.exp(-(x**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)
    chosen = draw.sign() > 0
    padded = F.pad(images[chosen], (radius, radius, radius, radius), mode="reflect")
    soft = F.conv2d(padded, kernel.unsqueeze(2), groups=3)
    images[chosen] = F.conv2d(soft, kernel.unsqueeze(3), groups=3)
    return images
