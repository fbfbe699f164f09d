"""The smallest training there is: two classes told apart by their colour, on a small network."""

import numpy as np

from core.training.config import TrainConfig
from core.vision.augmentation import NONE

CLASSES = ("neutrophil", "lymphocyte")
TINY = TrainConfig(
    data_dir="unused",
    architecture="mobilenet_v3_small",
    pretrained=False,
    side_px=32,
    epochs=2,
    batch_size=4,
    learning_rate=1e-3,
    precision="32-true",
    augmentation=NONE,
    early_stopping_patience=0,
)


def two_colours(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy squares, (N, 32, 32, 3) uint8, the second class redder; and the class of each."""
    rng, targets = np.random.default_rng(0), np.arange(count) % 2
    pixels = rng.integers(60, 120, (count, 32, 32, 3), dtype=np.uint8)
    pixels[targets == 1, :, :, 0] += 100
    return pixels, targets
