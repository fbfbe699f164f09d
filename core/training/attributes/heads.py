"""Gives a bundle heads that read morphological attributes; its classes stay as they are."""

import math
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.morphology import ATTRIBUTES
from core.training.config import MARGIN
from core.vision import networks
from core.vision.augment import augment, normalise
from core.vision.augmentation import Augmentation
from core.vision.bundle import WEIGHTS, Bundle
from core.vision.described import Described, Heads
from core.vision.preparation import Preparation

EPOCHS = 24
VIEWS = 12  # of each cell, changed otherwise; the network sees each once, the heads in turns
BATCH = 64
LEARNING_RATE = 1.5e-3
WEIGHT_DECAY = 0.05
SMOOTHING = 0.05
BALANCE = 0.5  # of the way from values as common as they are to all equally common
AVERAGED = 0.06  # of the steps, the last ones, weigh most in the mean of the weights
# Size, colour and sharpness are what attributes are told by, so they hardly change.
CHANGES = Augmentation(
    flips=True,
    rotation_degrees=180.0,
    zoom=0.05,
    shift=0.04,
    brightness=0.03,
    contrast=0.03,
    stain=0.03,
    density=0.05,
    blur=0.3,
    noise=0.01,
)
SIZES = tuple(len(attribute.words) for attribute in ATTRIBUTES)

Progress = Callable[[float, str], None]


def preparation_for_heads(bundle: Bundle) -> Preparation:
    """How images are made ready for ``views_of``."""
    card = bundle.card
    return Preparation(card.side_px, card.view, MARGIN if card.view else 1.0)


def fit_heads(
    views: Sequence[Tensor],
    targets: np.ndarray,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    tell: Callable[[float], None] = lambda _: None,
) -> Heads:
    """Heads that read attributes from what the network sees.

    Args:
        views: each (N, features), from ``views_of``; epochs take them in turns.
        targets: (N, 11) int64, index into each attribute's values.
        tell: called with the share that is done.

    Source of the balance: Menon et al. 2021, Long-tail learning via logit adjustment, ICLR.
    """
    torch.manual_seed(seed)
    heads = Heads(views[0].shape[1], SIZES)
    optimizer = torch.optim.AdamW(heads.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    batches = math.ceil(len(targets) / BATCH)
    steps = epochs * batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.1
    )
    decay = torch.optim.swa_utils.get_ema_multi_avg_fn(1 - 1 / max(AVERAGED * steps, 2))  # type: ignore[no-untyped-call]
    average = torch.optim.swa_utils.AveragedModel(heads, multi_avg_fn=decay, use_buffers=True)
    shifts, values = _shifts(targets), torch.from_numpy(targets)
    for epoch in range(epochs):
        # All batches about as large: one cell alone has no variance to be normalised by.
        for rows in torch.randperm(len(targets)).tensor_split(batches):
            each = heads.each(views[epoch % len(views)][rows].float())
            loss = torch.stack([_loss(logits, values[rows], shifts) for logits in each]).sum()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            average.update_parameters(heads)
        tell((epoch + 1) / epochs)
    return cast(Heads, average.module.eval())


def views_of(
    bundle: Bundle,
    images: np.ndarray,
    changed: int,
    seed: int,
    tell: Callable[[float], None] = lambda _: None,
) -> list[Tensor]:
    """What heads read of each image: as it is, then so often changed, (N, features) float16 each.

    Args:
        images: (N, S, S, 3) uint8, made ready by ``preparation_for_heads``.
        tell: called with the share that is done.
    """
    card = bundle.card
    net, _ = networks.build(card.architecture, card.outputs, side_px=card.side_px)
    networks.load_start(net, bundle.folder / WEIGHTS)
    body = Described(net.to(memory_format=torch.channels_last)).eval()
    generator = torch.Generator().manual_seed(seed)
    views: list[Tensor] = []
    for number in range(1 + changed):
        seen = []
        for start in range(0, len(images), BATCH):
            pixels = torch.from_numpy(images[start : start + BATCH]).permute(0, 3, 1, 2)
            if number:
                ready = augment(pixels, CHANGES, generator, card.side_px)
            else:
                ready = normalise(pixels, card.side_px)
            # As it is predicted later, so not in bf16 where it is measured.
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=number > 0):
                told = body.tell(ready.to(memory_format=torch.channels_last))
            seen.append(told[2].half())
            tell((number + min(start + BATCH, len(images)) / len(images)) / (1 + changed))
        views.append(torch.cat(seen))
    return views


def _loss(logits: Tensor, targets: Tensor, shifts: Sequence[Tensor]) -> Tensor:
    parts = [
        F.cross_entropy(own + shift, target, label_smoothing=SMOOTHING)
        for own, target, shift in zip(
            torch.split(logits, list(SIZES), 1), targets.unbind(1), shifts, strict=True
        )
    ]
    return torch.stack(parts).sum()


def _shifts(targets: np.ndarray) -> list[Tensor]:
    """What is added to each attribute's logits in training, so that rare values are told, too."""
    counts = [np.bincount(own, minlength=size) for own, size in zip(targets.T, SIZES, strict=True)]
    shares = [np.maximum(count, 1) / len(targets) for count in counts]
    return [torch.from_numpy(BALANCE * np.log(share)).float() for share in shares]
