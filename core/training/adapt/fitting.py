"""A few minutes of training on a few cells of another laboratory."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.training.loop.optimisation import precision
from core.training.packaging.reference import Reference
from core.training.recipes import SLIGHT
from core.vision import networks
from core.vision.augment import augment
from core.vision.bundle import WEIGHTS, Bundle

STEPS = 220  # a fixed number, so that a busy machine takes longer and gives the same
BATCH = 48
OWN_SHARE = 0.5  # of a batch comes from the laboratory, the rest are reference cells
LEARNING_RATE = 6e-4
WARM_UP = 1 / 6
AVERAGE = 0.98

Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Images made ready with a margin, (N, S, S, 3) uint8, and their classes, (N,)."""

    images: np.ndarray
    targets: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Labelled":
        return Labelled(self.images[rows], self.targets[rows])


def fit_to(
    bundle: Bundle, cells: Labelled, reference: Reference, seed: int, tell: Progress
) -> nn.Module:
    """The bundle's network, fitted to these cells while it goes on seeing reference cells.

    Args:
        tell: called with the share of the whole work that is done, and what is being done.
    """
    card = bundle.card
    torch.manual_seed(seed)
    net, _ = networks.build(card.architecture, card.outputs, side_px=card.side_px)
    networks.load_start(net, bundle.folder / WEIGHTS)
    net = net.to(memory_format=torch.channels_last)
    networks.ease_depthwise(net)
    trained = np.nonzero(~reference.validation)[0]
    optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    decay = torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE)  # type: ignore[no-untyped-call]
    average = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=decay, use_buffers=True)
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    own_count = round(BATCH * OWN_SHARE)
    half = precision("auto") == "bf16-mixed"
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * _rate(step / STEPS)
        own = _balanced(cells.targets, own_count, rng)
        others = rng.choice(trained, BATCH - own_count, replace=False)
        images = np.concatenate([cells.images[own], reference.images[others]])
        targets = np.concatenate([cells.targets[own], reference.targets[others]])
        _step(net, optimizer, images, targets, card.side_px, generator, half)
        average.update_parameters(net)
        done = step + 1
        tell(0.05 + 0.8 * done / STEPS, f"Fitting, step {done} of {STEPS}")
    fitted: nn.Module = average.module
    return fitted


def blended(bundle: Bundle, fitted: nn.Module, share: float) -> nn.Module:
    """The network so far on the way from the bundle's weights to the fitted ones.

    Source: Wortsman et al. 2022, Robust fine-tuning of zero-shot models, CVPR.
    """
    start = torch.load(bundle.folder / WEIGHTS, map_location="cpu", weights_only=True)
    found = fitted.state_dict()
    for key, values in found.items():
        if values.is_floating_point():
            found[key] = torch.lerp(start[key], values, share)
    net, _ = networks.build(
        bundle.card.architecture, bundle.card.outputs, side_px=bundle.card.side_px
    )
    net.load_state_dict(found)
    return net


def _rate(share: float) -> float:
    """The learning rate over its highest: up in the first sixth, then down along a cosine."""
    if share < WARM_UP:
        return 0.1 + 0.9 * share / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (share - WARM_UP) / (1 - WARM_UP)))


def _balanced(targets: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Rows with repetition, rare classes more often than their share."""
    weight = 1 / np.sqrt(np.bincount(targets)[targets])
    return rng.choice(len(targets), count, p=weight / weight.sum())


def _step(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: np.ndarray,
    targets: np.ndarray,
    side_px: int,
    generator: torch.Generator,
    half: bool,
) -> None:
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2)
    batch: Tensor = augment(pixels, SLIGHT, generator, side_px)
    net.train()
    networks.freeze_statistics(net)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        logits = net(batch.contiguous(memory_format=torch.channels_last))
    loss = F.cross_entropy(logits.float(), torch.from_numpy(targets), label_smoothing=0.05)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
