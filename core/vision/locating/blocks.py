"""What the small networks that find cells are made of."""

from torch import Tensor, nn
from torch.nn import functional as F


class Residual(nn.Module):
    """Adds what a convolution makes of its maps to them."""

    def __init__(self, width: int, reach: int = 1) -> None:
        super().__init__()
        self.convolution = convolution(width, width, reach=reach)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) → the same shape."""
        return F.relu(x + self.convolution(x))


def convolution(before: int, after: int, stride: int = 1, reach: int = 1) -> nn.Module:
    """Of 3 by 3, normalised; ``reach`` parts its places."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, reach, dilation=reach, bias=False),
        nn.BatchNorm2d(after),
    )
