"""What executes a bundle's network: OpenVINO on CPUs, PyTorch on GPUs and as the reference.

Each is imported only when asked for: a serving process needs no PyTorch.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.errors import BundleRefusedError
from core.vision.bundle import Bundle

CLOSE = 3.0  # of two logits; those further apart give the same probabilities in bf16, to 0.02


class Runtime(Protocol):
    """A compiled network."""

    name: str

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 → (N, outputs) float32."""
        ...


class OpenVinoRuntime:
    """Runs the exported graph.

    Where the processor computes bf16 natively that is tried first. It moves a probability by up to
    0.1 where two classes are close, so those pictures are answered again in fp32; of cells like
    those trained on they are one in fourteen.
    """

    def __init__(self, bundle: Bundle) -> None:
        import openvino as ov

        core = ov.Core()
        fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self.name = f"OpenVINO {'bf16' if fast else 'fp32'}"
        self._classes = len(bundle.card.classes)
        try:
            network = core.read_model(bundle.folder / "network.xml")
            self._compiled = [
                core.compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": precision})
                for precision in (("bf16", "f32") if fast else ("f32",))
            ]
        except RuntimeError as error:
            raise BundleRefusedError(f"OpenVINO cannot read {bundle.name}: {error}") from error

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 → (N, outputs) float32."""
        first, *exact = self._compiled
        logits = _run(first, pixels)
        for compiled in exact:
            close = (_lead(logits) < CLOSE) | (_lead(logits[:, : self._classes]) < CLOSE)
            if close.any():
                logits[close] = _run(compiled, pixels[close])
        return logits


def _run(compiled: Any, pixels: np.ndarray) -> np.ndarray:
    # A request of its own for each call, so that threads do not share buffers.
    return np.array(compiled.create_infer_request().infer({0: pixels})[0], dtype=np.float32)


def _lead(logits: np.ndarray) -> np.ndarray:
    """(N, K) → (N,): by how much the highest is above the second."""
    two = np.partition(logits, -2, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


class TorchRuntime:
    """Runs the state_dict in fp32, on a GPU where there is one."""

    def __init__(self, bundle: Bundle) -> None:
        import torch

        from core.vision import networks

        card = bundle.card
        self._torch, self._card = torch, card
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net, _ = networks.build(card.architecture, card.outputs, side_px=card.side_px)
        state = torch.load(bundle.folder / "weights.pth", map_location="cpu", weights_only=True)
        try:
            net.load_state_dict(state)
        except RuntimeError as error:
            raise BundleRefusedError(
                f"weights.pth of {bundle.name} does not fit {card.architecture}: {error}"
            ) from error
        self._net = net.eval().to(self._device)
        self.name = f"PyTorch fp32 on {self._device.type}"

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """(N, S, S, 3) uint8 → (N, outputs) float32."""
        torch, card = self._torch, self._card
        with torch.inference_mode():
            images = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
            images = images.permute(0, 3, 1, 2).float().div(255)
            logits = self._net((images - card.mean) / card.std)
        return np.asarray(logits.float().cpu().numpy())


def open_runtime(bundle: Bundle, kind: str = "auto") -> Runtime:
    """The runtime asked for; "auto" is PyTorch where there is a GPU, else OpenVINO."""
    if kind == "torch" or (kind == "auto" and _has_gpu()):
        return TorchRuntime(bundle)
    return OpenVinoRuntime(bundle)


def _has_gpu() -> bool:
    # Asking PyTorch would cost its import, over a second, on every machine without one.
    return Path("/dev/nvidia0").exists()
