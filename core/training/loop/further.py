"""Images that are all for training: cells of further laboratories, and what shows no cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dataset.folders import labelled_folder, read_cell_file
from core.image_files import image_files
from core.parallel import map_all
from core.taxonomy import NO_CELL, OUTSIDE_KEYS
from core.training.config import FurtherData, TrainConfig
from core.training.loop.no_cell import no_cell_images
from core.vision.preparation import Preparation

CELLS_CUT_UP = 400  # so many training cells lend their corners to the images without a cell


@dataclass(frozen=True, eq=False)
class Block:
    """Images that are all for training."""

    images: np.ndarray
    labels: tuple[str, ...]
    names: tuple[str, ...]
    repeat: int


def laboratory(further: FurtherData, prepare: Preparation) -> Block:
    """All cells of a further laboratory, but for those left out."""
    root = Path(further.folder)
    table = labelled_folder(root, outside=True)
    table = table[~table["path"].map(lambda path: Path(path).name).isin(further.left_out)]

    paths = table["path"].tolist()
    images = np.empty((len(paths), prepare.stored_px, prepare.stored_px, 3), dtype=np.uint8)

    def fill(row: int) -> None:  # one by one: a list of them all would be there twice for a while
        images[row] = prepare(read_cell_file(root / paths[row], prepare.at_least_px))

    map_all(fill, range(len(paths)))
    names = tuple(f"{root.name}/{path}" for path in paths)
    return Block(images, tuple(table["label"]), names, further.repeat)


def without_cells(config: TrainConfig, cells: Sequence[Path]) -> Block:
    """Images that show no cell, cut from training cells and smears, or drawn."""
    prepare = config.preparation
    chosen = np.random.default_rng(config.seed).permutation(len(cells))[:CELLS_CUT_UP]
    own = [read_cell_file(cells[row], prepare.at_least_px) for row in chosen]
    fields = image_files(Path(config.smears.folder)) if config.smears else []
    smears = [read_cell_file(path) for path in fields]
    shown = list(no_cell_images(config.no_cell, own, smears, config.seed))
    images = np.stack(map_all(prepare, shown))
    labels = (NO_CELL.key,) * len(images)
    return Block(images, labels, ("",) * len(images), repeat=1)


def outside_of(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The kinds outside the classes that there are images of."""
    found = {label for block in blocks for label in block.labels}
    return tuple(key for key in OUTSIDE_KEYS if key in found)


def learnable_rows(block: Block, outputs: tuple[str, ...]) -> np.ndarray:
    """The rows whose class the home data set has; others could not be measured."""
    return np.array([row for row, label in enumerate(block.labels) if label in outputs], dtype=int)


def targets_of(block: Block, outputs: tuple[str, ...]) -> np.ndarray:
    """(N,) int64, index into the outputs; -1 for what is none of them."""
    return np.array(
        [outputs.index(label) if label in outputs else -1 for label in block.labels], dtype=np.int64
    )
