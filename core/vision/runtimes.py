"""What executes a bundle's network: OpenVINO on CPUs, PyTorch on GPUs and as the reference.

Each is imported only when asked for: a serving process needs no PyTorch.
"""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from core.errors import BundleRefusedError
from core.vision.bundle import Bundle
from core.vision.graph import Graph

CLOSE = 3.0  # of two logits; those further apart give the same probabilities in bf16, to 0.02
GPU = Path("/dev/nvidia0")
OUTPUTS = ("logits", "embedding", "attributes")


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a network tells about N images, all float32.

    Attributes:
        logits: (N, outputs), before temperature.
        embedding: (N, D), what the last layer sees; D is 0 for a graph of before it was told.
        attributes: (N, A) logits of the attributes' values; A is 0 where it reads none.
    """

    logits: np.ndarray
    embedding: np.ndarray
    attributes: np.ndarray


class Runtime(Protocol):
    """A compiled network."""

    name: str

    def run(self, pixels: np.ndarray) -> Outputs:
        """(N, S, S, 3) uint8 → all it tells."""
        ...


class OpenVinoRuntime:
    """Runs the exported graph.

    Where the processor computes bf16 natively that is tried first. It moves a probability by up to
    0.1 where two classes are close, so those images are predicted again in fp32; of cells like
    those trained on they are one in fourteen.
    """

    def __init__(self, bundle: Bundle) -> None:
        import openvino as ov

        fast = "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self.name = f"OpenVINO {'bf16' if fast else 'fp32'}"
        self._classes = len(bundle.card.classes)
        try:
            self._graphs = [
                Graph(bundle.folder / "network.xml", {"INFERENCE_PRECISION_HINT": precision})
                for precision in (("bf16", "f32") if fast else ("f32",))
            ]
        except RuntimeError as error:
            raise BundleRefusedError(f"OpenVINO cannot read {bundle.name}: {error}") from error

    def run(self, pixels: np.ndarray) -> Outputs:
        """(N, S, S, 3) uint8 → all it tells."""
        first, *exact = self._graphs
        told = _run(first, pixels)
        for graph in exact:
            logits = told.logits
            close = (_lead(logits) < CLOSE) | (_lead(logits[:, : self._classes]) < CLOSE)
            if close.any():
                again = _run(graph, pixels[close])
                for name in OUTPUTS:
                    getattr(told, name)[close] = getattr(again, name)
        return told


def _run(graph: Graph, pixels: np.ndarray) -> Outputs:
    told = graph.run(pixels)
    nothing = np.empty((len(pixels), 0), dtype=np.float32)
    return Outputs(*told, *[nothing] * (len(OUTPUTS) - len(told)))


def _lead(logits: np.ndarray) -> np.ndarray:
    """(N, K) → (N,): by how much the highest is above the second."""
    two = np.partition(logits, -2, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


class TorchRuntime:
    """Runs the state_dict in fp32, on a GPU where there is one."""

    def __init__(self, bundle: Bundle) -> None:
        import torch

        from core.vision.described import Described, read_body, read_heads

        card = bundle.card
        self._torch, self._card = torch, card
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        heads = read_heads(bundle) if card.attributes else None
        self._net = Described(read_body(bundle), heads).eval().to(self._device)
        self._alone = Lock()  # what the network saw on the way is kept in it for a moment
        self.name = f"PyTorch fp32 on {self._device.type}"

    def run(self, pixels: np.ndarray) -> Outputs:
        """(N, S, S, 3) uint8 → all it tells."""
        torch, card = self._torch, self._card
        with torch.inference_mode(), self._alone:
            images = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
            images = images.permute(0, 3, 1, 2).float().div(255)
            told = [
                part.float().cpu().numpy() for part in self._net((images - card.mean) / card.std)
            ]
        nothing = np.empty((len(pixels), 0), dtype=np.float32)
        return Outputs(*told, *[nothing] * (len(OUTPUTS) - len(told)))


def open_runtime(bundle: Bundle, kind: str = "auto") -> Runtime:
    """The runtime asked for; "auto" is PyTorch where it can use a GPU, else OpenVINO."""
    if kind == "torch" or (kind == "auto" and _has_gpu()):
        return TorchRuntime(bundle)
    return OpenVinoRuntime(bundle)


def _has_gpu() -> bool:
    # Asking PyTorch would cost its import, over a second, on every machine without one.
    if not GPU.exists():
        return False
    try:
        import torch
    except ImportError:  # a serving process needs none
        return False
    return torch.cuda.is_available()
