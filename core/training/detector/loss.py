"""What the maps should say of boxed cells, and how far they are from it."""

import torch
from torch import Tensor
from torch.nn import functional as F

from core.fields.maps import BOX, STRIDE
from core.fields.scale import KINDS, RED_CELL_PX

_SPREAD = 0.12  # of a box's side: where else its centre may be believed to lie
_LEAST_SPREAD = 0.6  # places
_LEARNS_BOX = 0.6  # nearness from which a place tells the box


def loss_of(maps: Tensor, boxes: Tensor, complete: Tensor) -> Tensor:
    """Focal loss of the maps of where cells lie, and of the boxes told near their centres.

    Args:
        maps: (N, 15, H, W).
        boxes: (N, B, 5) as a ``Window`` has them.
        complete: (N, kinds) bool; where it is false, a cell may lie where no box is.
    """
    count = len(KINDS)
    near, told = targets(boxes, maps.shape[2:])
    sure = maps[:, :count].sigmoid().clamp(1e-4, 1 - 1e-4)
    centre = (near == 1).float()
    hit = centre * (1 - sure) ** 2 * sure.log()
    miss = (1 - centre) * (1 - near) ** 4 * sure**2 * (1 - sure).log()
    miss = miss * complete[:, :, None, None]
    where = -(hit + miss).sum() / centre.sum().clamp(min=1)
    boxed = maps[:, count:].reshape(len(maps), BOX, count, *maps.shape[2:])
    off = F.smooth_l1_loss(boxed, told, reduction="none", beta=0.1)
    weight = (near * (near > _LEARNS_BOX))[:, None]
    return where + (off * weight).sum() / weight.sum().clamp(min=1)


def targets(boxes: Tensor, size: torch.Size) -> tuple[Tensor, Tensor]:
    """(N, kinds, H, W) nearness to a cell's centre, 1 at its place; (N, 4, kinds, H, W) its box."""
    height, width = size
    near = torch.zeros(len(boxes), len(KINDS), height, width)
    told = torch.zeros(len(boxes), BOX, len(KINDS), height, width)
    kinds, places, sides = boxes[..., 0], boxes[..., 1:3] / STRIDE, boxes[..., 3:]
    spread = (sides * _SPREAD / STRIDE).clamp(min=_LEAST_SPREAD)
    logs = (sides / RED_CELL_PX).clamp(min=0.02).log()
    for kind in range(len(KINDS)):
        near[:, kind], told[:, :, kind] = _of_kind(
            kinds == kind,
            places,
            spread,
            logs,
            (height, width),
        )
    return near, told


def _of_kind(
    is_it: Tensor, places: Tensor, spread: Tensor, logs: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    height, width = size
    most = max(1, int(is_it.sum(dim=1).max()))
    first = is_it.float().topk(most, dim=1).indices  # its boxes come first: the others go
    is_it = is_it.gather(1, first)
    places, spread, logs = (
        one.gather(1, first[..., None].expand(-1, -1, 2)) for one in (places, spread, logs)
    )
    at = places.floor().clamp(min=0)
    across = torch.arange(width).view(1, 1, 1, -1)
    down = torch.arange(height).view(1, 1, -1, 1)
    x, y = at[..., 0, None, None], at[..., 1, None, None]
    wide, high = spread[..., 0, None, None], spread[..., 1, None, None]
    near = torch.exp(-(((across - x) / wide) ** 2 + ((down - y) / high) ** 2) / 2)
    near = near * is_it[..., None, None]
    best = near.max(dim=1)
    values = [
        places[..., 0, None, None] - (across + 0.5),
        places[..., 1, None, None] - (down + 0.5),
        logs[..., 0, None, None].expand_as(near),
        logs[..., 1, None, None].expand_as(near),
    ]
    chosen = best.indices[:, None]
    told = [one.expand_as(near).gather(1, chosen)[:, 0] for one in values]
    return best.values, torch.stack(told, dim=1)
