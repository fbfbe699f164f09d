"""How a recipe holds in laboratories that it did not see: short trials, in one table.

python -m benchmarks.laboratories DATA RECIPE [--images 30000] [--seeds 0 1 2] [--leave-out]

DATA holds ``pbc``, ``external``, ``abnormal`` and ``fields``. The recipe's runs are made shorter,
from ImageNet's weights, each with its share of the images, and the last is measured on the
laboratories that are never trained on; with --leave-out also once without each laboratory that it
learns from, measured on that one. All eight
classes are open; nothing is rejected. Mean recall is over the classes present with more than two
cells. A recipe is chosen by the mean over the laboratories and by the worst of them, never by one.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from core.dataset.folders import labelled_folder, read_cell_file
from core.parallel import map_all
from core.settings import settings
from core.training.config import TrainConfig
from core.training.loop.checkpoint import BEST
from core.training.loop.data import TrainingData, training_data
from core.training.loop.fit import fit
from core.training.recipes import find_recipe
from core.vision import networks
from core.vision.augment import normalise
from core.vision.preparation import middle

MEASURED_ONLY = ("raabin", "jiangxi", "cellavision")
SURE = 0.9
FEWEST = 3  # cells of a class that its recall is taken from
HEADER = "| left out | seed | laboratory | cells | mean recall | right | sure | wrong among those |"


@dataclass(frozen=True)
class Figures:
    """What a network reaches in one laboratory; shares in [0, 1]."""

    cells: int
    recall: float
    right: float
    sure: float
    wrong: float

    def row(self, *first: object) -> str:
        """A row of the table."""
        shares = [
            f"{100 * share:.1f}" for share in (self.recall, self.right, self.sure, self.wrong)
        ]
        return "| " + " | ".join(map(str, (*first, self.cells, *shares))) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("recipe")
    parser.add_argument("--images", type=int, default=30_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--leave-out", action="store_true")
    asked = parser.parse_args()
    recipe = find_recipe(asked.recipe)(asked.data)
    external = asked.data / "external"
    print(HEADER, "|" + "---|" * (HEADER.count("|") - 1), sep="\n", flush=True)
    for seed in asked.seeds:
        of_seed = [replace(run, seed=seed) for run in recipe]
        recalls = []
        for name, figures in trial(
            of_seed, asked.images, [external / one for one in MEASURED_ONLY]
        ):
            print(figures.row("none", seed, name), flush=True)
            recalls.append(figures.recall)
        print(f"mean {100 * np.mean(recalls):.1f}, worst {100 * min(recalls):.1f}", flush=True)
        for left_out in recipe[-1].further if asked.leave_out else ():
            folder = Path(left_out.folder)
            rest = [_without(run, folder) for run in of_seed]
            for name, figures in trial(rest, asked.images, [folder]):
                print(figures.row(folder.name, seed, name), flush=True)


def _without(run: TrainConfig, folder: Path) -> TrainConfig:
    kept = tuple(one for one in run.further if Path(one.folder) != folder)
    return replace(run, further=kept)


def trial(
    runs: Sequence[TrainConfig], images: int, folders: list[Path]
) -> Iterator[tuple[str, Figures]]:
    """Trains on about so many images, and measures in each laboratory."""
    with tempfile.TemporaryDirectory() as scratch:
        weights = None
        for number, run in enumerate(runs):
            _, data = training_data(run, settings().cache_dir)
            epochs = max(1, round(images / len(runs) / len(data.train)))
            folder = Path(scratch) / str(number)
            folder.mkdir()
            short = replace(run, epochs=epochs)
            for _ in fit(short, data, folder / "last.ckpt", start_weights=weights):
                pass
            weights = folder / BEST
        last = runs[-1]
        net, _ = networks.build(
            last.architecture, len(data.classes) + len(data.outside), side_px=last.side_px
        )
        networks.load_start(net, weights)
    yield "PBC, validation", measured(net, data, last)
    for laboratory in folders:
        yield laboratory.name, measured_in(net, laboratory, data.classes, last)


def measured(net: torch.nn.Module, data: TrainingData, config: TrainConfig) -> Figures:
    """On the validation cells of the source that it learnt from."""
    squares = middle(data.images[data.validation], config.side_px)
    return figures_of(probabilities(net, squares, len(data.classes)), data.targets[data.validation])


def measured_in(
    net: torch.nn.Module, folder: Path, classes: tuple[str, ...], config: TrainConfig
) -> Figures:
    """On all cells of a laboratory whose class the network knows."""
    table = labelled_folder(folder, outside=True)
    table = table[table["label"].isin(classes)]
    prepare = replace(config.preparation, margin=1.0)

    def square(path: str) -> np.ndarray:
        return prepare(read_cell_file(folder / path, prepare.at_least_px))

    squares = np.stack(map_all(square, table["path"].tolist()))
    targets = np.array([classes.index(label) for label in table["label"]])
    return figures_of(probabilities(net, squares, len(classes)), targets)


@torch.inference_mode()
def probabilities(net: torch.nn.Module, squares: np.ndarray, classes: int) -> np.ndarray:
    """(N, S, S, 3) uint8 → (N, classes), among the classes alone."""
    net.eval()
    told = [
        net(normalise(torch.from_numpy(part.copy()).permute(0, 3, 1, 2)))[:, :classes].softmax(1)
        for part in np.array_split(squares, max(1, len(squares) // 64))
    ]
    return torch.cat(told).numpy()


def figures_of(probabilities: np.ndarray, targets: np.ndarray) -> Figures:
    """(N, classes) and (N,) → the figures."""
    right = probabilities.argmax(axis=1) == targets
    sure = probabilities.max(axis=1) >= SURE
    present = [one for one in np.unique(targets) if (targets == one).sum() >= FEWEST]
    recall = float(np.mean([right[targets == one].mean() for one in present]))
    wrong = float((~right[sure]).mean()) if sure.any() else 0.0
    return Figures(len(targets), recall, float(right.mean()), float(sure.mean()), wrong)


if __name__ == "__main__":
    main()
