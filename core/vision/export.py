"""Writes a network into a bundle's folder, in both forms that the runtimes execute."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openvino as ov
import torch
from openvino.preprocess import PrePostProcessor
from torch import nn

from core.vision.bundle import FILES, HEADS, WEIGHTS, checksum
from core.vision.described import Described, Heads
from core.vision.graph import ANY_SIDE_PX
from core.vision.runtimes import OUTPUTS


def export_network(
    net: nn.Module,
    folder: Path,
    *,
    side_px: int,
    mean: float,
    std: float,
    heads: Heads | None = None,
) -> dict[str, str]:
    """Writes ``weights.pth``, ``network.xml`` and ``network.bin``, of heads ``attributes.pth``.

    The graph takes (N, S, S, 3) uint8, so that normalising is part of it.

    Returns:
        The checksum of each file.
    """
    net = net.eval().cpu()
    torch.save(net.state_dict(), folder / WEIGHTS)
    files = list(FILES)
    if heads is not None:
        torch.save(heads.eval().cpu().half().state_dict(), folder / HEADS)
        heads = heads.float()
        files.append(HEADS)
    described = Described(net, heads).eval()
    graph = graph_of(described, side_px=side_px, mean=mean, std=std)
    described.release()
    for output, name in zip(graph.outputs, OUTPUTS, strict=False):
        output.get_tensor().set_names({name})
    ov.save_model(graph, folder / "network.xml", compress_to_fp16=True)
    return {name: checksum(folder / name) for name in files}


def graph_of(net: nn.Module, *, side_px: int | None, mean: float, std: float) -> ov.Model:
    """The network as a graph of (N, S, S, 3) uint8; pixels are normalised in it.

    Args:
        side_px: S; None for a network that takes squares of any side.
    """
    example = torch.zeros(1, 3, side_px or ANY_SIDE_PX, side_px or ANY_SIDE_PX)
    side = side_px or -1
    with _plain_attention(), warnings.catch_warnings():
        # The sizes of maps become constants, as they are: the side is the card's.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        warnings.simplefilter(
            "ignore", FutureWarning
        )  # tracing is old, and all that OpenVINO takes
        graph = ov.convert_model(net, example_input=example, input=[-1, 3, side, side])
    steps = PrePostProcessor(graph)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(255 * mean).scale(255 * std)
    steps.input().model().set_layout(ov.Layout("NCHW"))
    return steps.build()


@contextmanager
def _plain_attention() -> Iterator[None]:
    """PyTorch's fused attention cannot be traced; what it is fused from can."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
