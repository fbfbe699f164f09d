"""Teaches a detector: boxes of several laboratories, stained and lit in many ways."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.fields.network import FieldNet
from core.training.boxes.boxed import Boxed
from core.training.boxes.learning import CHANGES, GREY, Step
from core.training.detector.loss import loss_of
from core.training.detector.windows import Field, Window, opened, window
from core.training.loop.optimisation import precision
from core.vision.augment import augment

BATCH = 16
STEPS = 5000
LEARNING_RATE = 2e-3
TIMES = 1.4  # images are kept so much larger than cells are found in
SHARES = {  # of the windows
    "TXL-PBC, 360 px": 0.2,
    "TXL-PBC, 416 px": 0.17,
    "TXL-PBC, 575 px": 0.2,
    "BCCD": 0.2,
    "PBC": 0.13,
    "Pig smears": 0.06,
    "Chula RBC-12": 0.04,
}


def fit(
    images: Sequence[Boxed], net: FieldNet, *, steps: int = STEPS, seed: int = 0
) -> Iterator[Step]:
    """Teaches ``net`` in place; at the end it holds the mean of its last weights."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=steps + 1, pct_start=0.1
    )
    decay = get_ema_multi_avg_fn(0.998)  # type: ignore[no-untyped-call]
    average = AveragedModel(net, multi_avg_fn=decay, use_buffers=True)
    half = precision("auto") == "bf16-mixed"
    losses: list[float] = []
    for step, windows in enumerate(_batches(images, steps, seed), start=1):
        squares = torch.from_numpy(np.stack([one.pixels for one in windows]))
        boxes = torch.from_numpy(np.stack([one.boxes for one in windows]))
        complete = torch.from_numpy(np.stack([one.complete for one in windows]))
        shown = augment(squares.permute(0, 3, 1, 2), CHANGES, generator)
        grey = torch.rand(len(shown), generator=generator) < GREY
        shown[grey] = shown[grey].mean(dim=1, keepdim=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            maps = net(shown.contiguous(memory_format=torch.channels_last))
        loss = loss_of(maps.float(), boxes, complete)
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


def _batches(images: Sequence[Boxed], steps: int, seed: int) -> Iterator[list[Window]]:
    """The windows of each step, made while the one before is learnt from."""
    of_source: dict[str, list[Boxed]] = {}
    for one in images:
        of_source.setdefault(one.source, []).append(one)
    kept: dict[str, list[Field]] = {
        source: [opened(one, TIMES) for one in boxed] for source, boxed in of_source.items()
    }
    names = [name for name in SHARES if name in kept]
    shares = np.array([SHARES[name] for name in names])
    rng = np.random.default_rng(seed)

    def made() -> list[Window]:
        sources = rng.choice(names, BATCH, p=shares / shares.sum())
        return [
            window(kept[name], int(rng.integers(len(kept[name]))), rng, TIMES) for name in sources
        ]

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(made)
        for step in range(steps):
            windows = coming.result()
            if step + 1 < steps:
                coming = ahead.submit(made)
            yield windows
