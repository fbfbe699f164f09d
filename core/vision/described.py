"""A network that also tells what it saw on the way to its prediction.

Its body stays as it is, so the class predictions are the same with and without: the heads read what
the body's stages hold, at next to no cost.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.errors import BundleRefusedError
from core.vision.bundle import HEADS, WEIGHTS, Bundle
from core.vision.networks import build, last_linear, stages

HIDDEN = 384
READERS = 3  # their mean is steadier than one


class Heads(nn.Module):
    """Pooled stages in, one group of logits an attribute out.

    Args:
        features: how many the pooled stages have.
        sizes: values of each attribute.

    Source of the mean: Lakshminarayanan et al. 2017, Deep Ensembles, NeurIPS.
    """

    def __init__(self, features: int, sizes: Sequence[int]) -> None:
        super().__init__()
        self.alike = nn.BatchNorm1d(features, affine=False)  # stages differ widely in scale
        self.readers = nn.ModuleList(_reader(features, sum(sizes)) for _ in range(READERS))

    def forward(self, pooled: Tensor) -> Tensor:
        """(N, features) → (N, sum of sizes), the mean of all readers."""
        return torch.stack(self.each(pooled)).mean(0)

    def each(self, pooled: Tensor) -> list[Tensor]:
        """The same of each reader."""
        alike = self.alike(pooled)
        return [reader(alike) for reader in self.readers]


def _reader(features: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Dropout(0.1),
        nn.Linear(features, HIDDEN),
        nn.GELU(),
        nn.Dropout(0.3),
        nn.Linear(HIDDEN, outputs),
    )


class Described(nn.Module):
    """A network of ``networks.build`` with all that it tells.

    Called with (N, 3, S, S) it gives logits (N, outputs), embedding (N, D) and, where it has
    heads, the attributes' logits.
    """

    def __init__(self, body: nn.Module, heads: Heads | None = None) -> None:
        super().__init__()
        self.body, self.heads = body, heads
        self._held: dict[int, Tensor] = {}
        self._last = len(stages(body))
        self._hooks = [
            stage.register_forward_hook(self._keeper(number))
            for number, stage in enumerate(stages(body))
        ]
        self._hooks.append(last_linear(body).register_forward_pre_hook(self._keep_embedding))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """All it tells about a batch."""
        logits, embedding, pooled = self.tell(images)
        if self.heads is None:
            return logits, embedding
        return logits, embedding, self.heads(pooled)

    def tell(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 3, S, S) → logits, embedding and what heads read."""
        logits = self.body(images)
        embedding = self._held.pop(self._last).flatten(1).float()
        pooled = [_pooled(self._held.pop(number)) for number in range(self._last)]
        return logits, embedding, torch.cat([*pooled, embedding], dim=1)

    def release(self) -> None:
        """Leaves the body as it was before."""
        for hook in self._hooks:
            hook.remove()

    def _keeper(self, number: int) -> Callable[[nn.Module, Any, Tensor], None]:
        def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            self._held[number] = output

        return keep

    def _keep_embedding(self, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._held[self._last] = inputs[0]


def _pooled(stage: Tensor) -> Tensor:
    """(N, C, H, W) → (N, 3C): mean, highest and spread of each channel."""
    # Pooling over the whole map, which OpenVINO computes faster than means and maxima.
    stage, whole = stage.float(), (int(stage.shape[2]), int(stage.shape[3]))
    mean, high = F.avg_pool2d(stage, whole), F.max_pool2d(stage, whole)
    spread = F.avg_pool2d((stage - mean) ** 2, whole).clamp(min=1e-12).sqrt()
    return torch.cat([mean, high, spread], dim=1).flatten(1)


def read_body(bundle: Bundle) -> nn.Module:
    """The network of a bundle, (N, 3, S, S) → (N, outputs) logits.

    Raises:
        BundleRefusedError: the weights do not fit the card.
    """
    card = bundle.card
    net, _ = build(card.architecture, card.outputs, side_px=card.side_px)
    state = torch.load(bundle.folder / WEIGHTS, map_location="cpu", weights_only=True)
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise BundleRefusedError(
            f"{WEIGHTS} of {bundle.name} does not fit {card.architecture}: {error}"
        ) from error
    return net.eval()


def read_heads(bundle: Bundle) -> Heads:
    """The heads of a bundle that tells attributes; they are stored in half precision.

    Raises:
        BundleRefusedError: the file does not fit the card.
    """
    state = torch.load(bundle.folder / HEADS, map_location="cpu", weights_only=True)
    card = bundle.card.attributes
    sizes = [len(values) for values in card.values.values()] if card else []
    try:
        heads = Heads(state["alike.running_mean"].numel(), sizes)
        heads.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise BundleRefusedError(
            f"{HEADS} of {bundle.name} does not fit its card: {error}"
        ) from error
    return heads
