"""Random numbers for a batch of images."""

import torch
from torch import Tensor


class Draws:
    """Random numbers for a batch, drawn on the CPU so that every device sees the same."""

    def __init__(self, count: int, generator: torch.Generator, device: torch.device) -> None:
        self.count, self.generator, self.device = count, generator, device

    def uniform(self, limit: float, *shape: int) -> Tensor:
        """(N, *shape) in [-limit, limit]."""
        values = torch.rand((self.count, *shape), generator=self.generator)
        return ((values * 2 - 1) * limit).to(self.device)

    def normal(self, *shape: int) -> Tensor:
        """(N, *shape) of mean 0 and deviation 1."""
        return torch.randn((self.count, *shape), generator=self.generator).to(self.device)

    def chance(self, share: float, *shape: int) -> Tensor:
        """(N, *shape) of bool, true so often."""
        return (torch.rand((self.count, *shape), generator=self.generator) < share).to(self.device)

    def order(self) -> Tensor:
        """(N,) the images' places, shuffled."""
        return torch.randperm(self.count, generator=self.generator).to(self.device)

    def sign(self) -> Tensor:
        """(N,) of -1 and 1."""
        values = torch.randint(0, 2, (self.count,), generator=self.generator)
        return (values * 2 - 1).float().to(self.device)
