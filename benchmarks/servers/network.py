"""The bundle's network as a usual service runs it: eager PyTorch in fp32, Pillow transforms."""

import base64
import io

import torch
from PIL import Image
from torchvision import transforms

from core.settings import settings
from core.vision.bundle import find_bundle
from core.vision.described import read_body


class EagerNetwork:
    """One image or a batch of them, from base64 to probabilities."""

    def __init__(self) -> None:
        bundle = find_bundle(settings().bundle, settings())
        card = bundle.card
        self.classes = card.classes
        self.net = read_body(bundle).eval()
        self.look = transforms.Compose(
            [
                transforms.Resize((card.side_px, card.side_px)),
                transforms.ToTensor(),
                transforms.Normalize([0.5] * 3, [0.5] * 3),
            ]
        )

    def decode(self, text: str) -> torch.Tensor:
        """(3, S, S) in [-1, 1]."""
        return self.look(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))

    @torch.inference_mode()
    def probabilities(self, images: torch.Tensor) -> list[dict[str, float]]:
        """(N, 3, S, S) → by class, one an image."""
        rows = self.net(images)[:, : len(self.classes)].softmax(1).tolist()
        return [dict(zip(self.classes, row, strict=True)) for row in rows]
