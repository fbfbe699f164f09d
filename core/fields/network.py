"""The network that finds cells: maps of where each kind may lie, and its box from each place.

After the form of CenterNet (Zhou et al. 2019, Objects as Points, arXiv:1904.07850).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.fields.maps import BOX, CHANNELS, STRIDE
from core.fields.scale import KINDS
from core.vision.locating.blocks import Residual, convolution

_RARE = -4.0  # the first logits: most places hold no cell
_COARSER = 2  # the deep part sees the maps of twice the stride


class FieldNet(nn.Module):
    """(N, 3, S, S) in [-1, 1] → (N, 15, S / 4, S / 4), as ``core.fields.maps`` reads them."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.fine = nn.Sequential(
            convolution(3, width // 2, stride=2),
            nn.ReLU(inplace=True),
            convolution(width // 2, width, stride=STRIDE // 2),
            nn.ReLU(inplace=True),
            Residual(width),
            Residual(width),
        )
        self.deep = nn.Sequential(
            convolution(width, 2 * width, stride=_COARSER),
            nn.ReLU(inplace=True),
            *(Residual(2 * width, reach) for reach in (1, 2, 4, 1, 2, 4)),
        )
        self.joined = nn.Sequential(
            convolution(3 * width, width),
            nn.ReLU(inplace=True),
            Residual(width),
        )
        self.head = nn.Conv2d(width, CHANNELS, 1)
        bias = torch.zeros(len(KINDS), 1 + BOX)
        bias[:, 0] = _RARE
        self.head.bias = nn.Parameter(bias.T.flatten())

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, S, S) → (N, 15, S / 4, S / 4)."""
        fine = self.fine(x)
        deep = F.interpolate(self.deep(fine), scale_factor=_COARSER, mode="nearest")
        out: Tensor = self.head(self.joined(torch.cat([fine, deep], dim=1)))
        return out
