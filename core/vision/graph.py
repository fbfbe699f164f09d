"""A graph compiled by OpenVINO: the one way in which networks are executed without PyTorch."""

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

ANY_SIDE_PX = 64  # a side of the first image, where the network takes any
_first = Lock()


class Graph:
    """A compiled graph of one input, (N, S, S, 3) uint8; threads may share it.

    Args:
        network: file of the graph.
        hints: OpenVINO's properties, by name.

    Raises:
        RuntimeError: OpenVINO cannot read it.
    """

    def __init__(self, network: Path, hints: dict[str, Any]) -> None:
        import openvino as ov

        self._compiled: Any = ov.Core().compile_model(network, "CPU", hints)
        _, *sides = (side.get_length() if side.is_static else ANY_SIDE_PX for side in self._shape())
        # OpenVINO's Python part makes itself ready at its first call. Two threads that both make
        # it wait for each other for ever: one for the interpreter's lock, one for what it holds.
        with _first:
            self.run(np.zeros((1, *sides), dtype=np.uint8))

    def _shape(self) -> Any:
        return self._compiled.input(0).partial_shape

    def run(self, pixels: np.ndarray) -> list[np.ndarray]:
        """(N, S, S, 3) uint8 → each output, float32."""
        # A request of its own for each call, so that threads do not share buffers.
        found = self._compiled.create_infer_request().infer({0: pixels})
        count = len(self._compiled.outputs)
        return [np.array(found[number], dtype=np.float32) for number in range(count)]
