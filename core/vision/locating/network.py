"""The network that finds the cell: a map of where one may lie, and its box from each place.

After the form of CenterNet (Zhou et al. 2019, Objects as Points, arXiv:1904.07850).
"""

from torch import Tensor, nn

from core.vision.locating.blocks import Residual, convolution
from core.vision.locating.locator import KINDS

OUTPUTS = len(KINDS) + 4  # a logit for each kind; x, y from the place; log of width and height
_RARE = -3.0  # the first logits: most places hold no cell


class LocatorNet(nn.Module):
    """(N, 3, 96, 96) in [-1, 1] → (N, 6, 12, 12).

    The channels: a logit for each of ``KINDS``; how far the box's centre lies from the middle of
    the place, in places across and down; the natural logarithms of its width and height in sides.
    """

    def __init__(self, width: int = 56) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(3, 16, stride=2),
            nn.ReLU(inplace=True),
            convolution(16, 24, stride=2),
            nn.ReLU(inplace=True),
            convolution(24, width, stride=2),
            nn.ReLU(inplace=True),
            *(Residual(width, reach) for reach in (1, 2, 4, 1, 2, 4)),
        )
        self.head = nn.Conv2d(width, OUTPUTS, 1)
        if self.head.bias is not None:
            nn.init.constant_(self.head.bias[: len(KINDS)], _RARE)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 96, 96) → (N, 6, 12, 12)."""
        out: Tensor = self.head(self.body(x))
        return out
