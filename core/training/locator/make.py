"""From boxed images to a locator that can be used."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import torch

from core.errors import InvalidConfigError
from core.files import new_folder, write_text
from core.training.boxes.boxed import Boxed
from core.training.boxes.learning import Step
from core.training.boxes.sources import taught_with
from core.training.locator.fit import STEPS, fit
from core.training.locator.windows import window
from core.vision.bundle import WEIGHTS, checksum
from core.vision.export import graph_of
from core.vision.locating.card import CARD, GRAPH, FinderCard
from core.vision.locating.locator import SIDE_PX, Locator, central_box
from core.vision.locating.network import LocatorNet

FOUND = 0.5  # overlap from which a cell counts as found
_WINDOWS = 2  # of each image that is measured
_MOST = 400  # images of a source that are measured


def make_locator(
    images: Sequence[Boxed],
    folder: Path,
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[Step], None] | None = None,
) -> FinderCard:
    """Teaches a locator, measures it on what is held back, and writes it.

    Args:
        folder: that it becomes; its name is the locator's.

    Raises:
        InvalidConfigError: there is a locator of that name.
    """
    if folder.exists():
        raise InvalidConfigError(f"A locator {folder.name!r} exists already. Choose another name.")
    learnt = [one for one in images if not one.held_back]
    net = LocatorNet()
    for step in fit(learnt, net, steps=steps, seed=seed):
        if progress is not None:
            progress(step)
    with new_folder(folder) as draft:
        torch.save(net.state_dict(), draft / WEIGHTS)
        graph = graph_of(net, side_px=SIDE_PX, mean=0.5, std=0.5)
        ov.save_model(graph, draft / GRAPH[0], compress_to_fp16=True)
        card = FinderCard(
            name=folder.name,
            sources=taught_with(learnt),
            figures={},
            checksums={name: checksum(draft / name) for name in (WEIGHTS, *GRAPH)},
        )
        write_text(draft / CARD, card.model_dump_json(indent=2) + "\n")
        figures = measured(Locator(draft), [one for one in images if one.held_back])
        card = card.model_copy(update={"figures": figures})
        write_text(draft / CARD, card.model_dump_json(indent=2) + "\n")
    return card


def measured(locator: Locator, images: Sequence[Boxed]) -> dict[str, dict[str, float]]:
    """By source, how well the box in the middle fits that of the nearest cell."""
    rng, figures = np.random.default_rng(0), dict[str, dict[str, float]]()
    for source in sorted({one.source for one in images}):
        of_source = [one for one in images if one.source == source]
        chosen = rng.permutation(len(of_source))[:_MOST]
        overlaps = np.array(
            [
                _overlap(locator, *window(of_source[row], of_source[row].open(), rng, empty=0))
                for row in chosen
                for _ in range(_WINDOWS)
            ]
        )
        figures[source] = {
            "boxes": float(len(overlaps)),
            "iou": round(float(np.median(overlaps)), 3),
            "found": round(float((overlaps >= FOUND).mean()), 3),
        }
    return figures


def _overlap(locator: Locator, square: np.ndarray, boxes: np.ndarray) -> float:
    """Intersection over union of what is found and the true box that fits it best."""
    x, y, width, height = central_box(locator.maps(square[None])[0])[0]
    true = boxes[boxes[:, 0] >= 0, 1:]
    half = true[:, 2:] / 2, np.array([width, height]) / 2
    low = np.maximum(true[:, :2] - half[0], (x, y) - half[1])
    high = np.minimum(true[:, :2] + half[0], (x, y) + half[1])
    shared = (high - low).clip(0).prod(axis=1)
    together = true[:, 2] * true[:, 3] + width * height - shared
    return float((shared / together).max())
