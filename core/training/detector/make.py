"""From boxed images to a detector that can be used."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import torch

from core.errors import InvalidConfigError
from core.fields.detector import Detector, DetectorCard
from core.fields.network import FieldNet
from core.fields.scale import KINDS
from core.files import new_folder, write_text
from core.training.boxes.boxed import Boxed
from core.training.boxes.learning import Step
from core.training.boxes.sources import OF_FIELDS, taught_with
from core.training.detector.fit import STEPS, fit
from core.training.detector.measuring import matched
from core.vision.bundle import WEIGHTS, checksum
from core.vision.export import graph_of
from core.vision.locating.card import CARD, GRAPH

_MOST = 300  # images that a limit is found on
_EVERY = 0.05  # score from which cells are looked at to find the limits


def make_detector(
    images: Sequence[Boxed],
    folder: Path,
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Callable[[Step], None] | None = None,
) -> DetectorCard:
    """Teaches a detector, and measures it on what is held back.

    Args:
        folder: that it becomes; its name is the detector's.

    Raises:
        InvalidConfigError: there is a detector of that name.
    """
    if folder.exists():
        raise InvalidConfigError(f"A detector {folder.name!r} exists already. Choose another name.")
    net = FieldNet()
    for step in fit([one for one in images if not one.held_back], net, steps=steps, seed=seed):
        if progress is not None:
            progress(step)
    return written(net, images, folder)


def written(net: FieldNet, images: Sequence[Boxed], folder: Path) -> DetectorCard:
    """Writes a network that was taught with those of the images that are not held back."""
    with new_folder(folder) as draft:
        torch.save(net.state_dict(), draft / WEIGHTS)
        graph = graph_of(net, side_px=None, mean=0.5, std=0.5)
        ov.save_model(graph, draft / GRAPH[0], compress_to_fp16=True)
        card = DetectorCard(
            name=folder.name,
            sources=taught_with([one for one in images if not one.held_back]),
            figures={},
            checksums={name: checksum(draft / name) for name in (WEIGHTS, *GRAPH)},
            least=dict.fromkeys(KINDS, _EVERY),
        )
        write_text(draft / CARD, card.model_dump_json(indent=2) + "\n")
        detector = Detector(draft)
        least = _limits(detector, [one for one in images if not one.held_back])
        figures = _figures(detector, [one for one in images if one.held_back], least)
        card = card.model_copy(update={"figures": figures, "least": least})
        write_text(draft / CARD, card.model_dump_json(indent=2) + "\n")
    return card


def _limits(detector: Detector, images: Sequence[Boxed]) -> dict[str, float]:
    """By kind, the score from which most is found and least is wrong, among what was learnt from.

    Of fields alone: what is seen there is hardly surer than in others, and platelets are too few
    to be parted in two.
    """
    fields = [one for one in images if one.source in OF_FIELDS]
    order = np.random.default_rng(0).permutation(len(fields))
    limits = {}
    for number, kind in enumerate(KINDS):
        complete = [fields[row] for row in order if number in fields[row].complete][:_MOST]
        limits[kind] = round(matched(detector, complete, number).best_score(), 3)
    return limits


def _figures(
    detector: Detector, images: Sequence[Boxed], least: dict[str, float]
) -> dict[str, dict[str, float]]:
    """By source and kind, what is found there."""
    figures = {}
    for source in sorted({one.source for one in images}):
        for number, kind in enumerate(KINDS):
            theirs = [one for one in images if one.source == source and number in one.complete]
            if theirs:
                told = matched(detector, theirs, number)
                figures[f"{source}: {kind}"] = told.figures(least[kind])
    return figures
