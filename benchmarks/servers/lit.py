"""The same network under LitServe, with its batching: ``python -m benchmarks.servers.lit PORT``."""

import sys
from typing import Any

import litserve
import torch

from benchmarks.servers.network import EagerNetwork


class Cells(litserve.LitAPI):
    """LitServe calls these in its own process."""

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe gives it
        """Opens the network.

        With PyTorch's usual two threads on two cores LitServe answers less than 10 requests a
        second: its own processes poll, and the threads wait for each other.
        """
        torch.set_num_threads(1)
        self.network = EagerNetwork()

    def decode_request(self, request: dict[str, Any]) -> torch.Tensor:
        """One image."""
        return self.network.decode(request["image"])

    def batch(self, inputs: list[torch.Tensor]) -> torch.Tensor:
        """Images as a batch."""
        return torch.stack(inputs)

    def predict(self, x: torch.Tensor) -> list[dict[str, float]]:
        """Predictions of a batch."""
        return self.network.probabilities(x)

    def unbatch(self, output: list[dict[str, float]]) -> list[dict[str, float]]:
        """They are apart already."""
        return output

    def encode_response(self, output: dict[str, float]) -> dict[str, float]:
        """As JSON."""
        return output


if __name__ == "__main__":
    api = Cells(max_batch_size=16, batch_timeout=0.005)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    port = int(sys.argv[1])
    server.run(port=port, host="127.0.0.1", log_level="warning", generate_client_file=False)
