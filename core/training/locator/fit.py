"""Teaches a locator: boxes of several laboratories, stained and lit in many ways."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.training.boxes.boxed import Boxed
from core.training.boxes.learning import CHANGES, GREY, Step
from core.training.locator.windows import window
from core.vision.augment import augment
from core.vision.locating.locator import KINDS, PLACES
from core.vision.locating.network import LocatorNet

BATCH = 48
STEPS = 3000
LEARNING_RATE = 2e-3
LONGEST_PX = 640  # images are kept no larger; a window seldom shows more
_SPREAD = 0.18  # of a box's side: where else its centre may be believed to lie


def fit(
    images: Sequence[Boxed], net: LocatorNet, *, steps: int = STEPS, seed: int = 0
) -> Iterator[Step]:
    """Teaches ``net`` in place; at the end it holds the mean of its last weights.

    Half of each batch is of the largest source, the other half of all others alike.
    """
    torch.manual_seed(seed)
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    pixels = [_small(boxed.open()) for boxed in images]
    weights = _weights([boxed.source for boxed in images])
    net.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=steps + 1, pct_start=0.1
    )
    decay = get_ema_multi_avg_fn(0.998)  # type: ignore[no-untyped-call]
    average = AveragedModel(net, multi_avg_fn=decay, use_buffers=True)
    losses: list[float] = []
    for step in range(1, steps + 1):
        chosen = rng.choice(len(images), BATCH, p=weights)
        windows = [window(images[row], pixels[row], rng) for row in chosen]
        squares = torch.from_numpy(np.stack([square for square, _ in windows]))
        boxes = torch.from_numpy(np.stack([boxes for _, boxes in windows]))
        shown = augment(squares.permute(0, 3, 1, 2), CHANGES, generator)
        grey = torch.rand(BATCH, generator=generator) < GREY
        shown[grey] = shown[grey].mean(dim=1, keepdim=True)
        with torch.autocast("cpu", torch.bfloat16):
            maps = net(shown.contiguous(memory_format=torch.channels_last))
        loss = loss_of(maps.float(), boxes)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(net)
        losses.append(float(loss.detach()))
        if step % 50 == 0 or step == steps:
            yield Step(step, steps, float(np.mean(losses)))
            losses.clear()
    net.load_state_dict(average.module.state_dict())
    net.eval()


def loss_of(maps: Tensor, boxes: Tensor) -> Tensor:
    """Focal loss of the maps of where cells lie, and of the boxes told near their centres.

    Args:
        maps: (N, 6, 12, 12).
        boxes: (N, B, 5) as ``window`` gives them.
    """
    near, towards = _targets(boxes)
    sure = maps[:, : len(KINDS)].sigmoid().clamp(1e-4, 1 - 1e-4)
    centre = (near > 0.9).float()
    hit = centre * (1 - sure) ** 2 * sure.log()
    miss = (1 - centre) * (1 - near) ** 4 * sure**2 * (1 - sure).log()
    where = -(hit + miss).sum() / centre.sum().clamp(min=1)
    weight = near.amax(dim=1, keepdim=True)
    weight = weight * (weight > 0.6)
    off = F.smooth_l1_loss(maps[:, len(KINDS) :], towards, reduction="none", beta=0.1)
    return where + (off * weight).sum() / weight.sum().clamp(min=1)


def _targets(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """(N, kinds, 12, 12): nearness to a cell's centre; (N, 4, 12, 12): the nearest cell's box."""
    kind, x, y, width, height = (part[..., None, None] for part in boxes.unbind(dim=-1))
    middle = (torch.arange(PLACES) + 0.5) / PLACES
    across, down = middle.view(1, 1, 1, -1), middle.view(1, 1, -1, 1)
    spread_x, spread_y = (side.mul(_SPREAD).clamp(min=0.035) for side in (width, height))
    near = torch.exp(-(((across - x) / spread_x) ** 2 + ((down - y) / spread_y) ** 2) / 2)
    near = near * (kind >= 0)
    of_kind = torch.stack([(near * (kind == one)).amax(1) for one in range(len(KINDS))], dim=1)
    nearest = near.argmax(dim=1, keepdim=True)
    told = [(x - across) * PLACES, (y - down) * PLACES]
    told += [side.clamp(min=0.02).log() for side in (width, height)]
    return of_kind, torch.cat([one.expand_as(near).gather(1, nearest) for one in told], dim=1)


def _small(image: Image.Image) -> Image.Image:
    image.thumbnail((LONGEST_PX, LONGEST_PX))
    return image


def _weights(sources: Sequence[str]) -> np.ndarray:
    """How often each image is drawn."""
    names, of_image, counts = np.unique(sources, return_inverse=True, return_counts=True)
    share = np.full(len(names), 0.5 / max(len(names) - 1, 1))
    share[counts.argmax()] = 0.5
    weights = (share / counts)[of_image]
    return np.asarray(weights / weights.sum())
