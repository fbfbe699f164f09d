"""From folders of images to what the loop trains on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from core import taxonomy
from core.dataset.cache import PixelCache, pixel_cache
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.folders import labelled_folder, read_cell_file
from core.dataset.splits import SPLITS, split
from core.errors import DatasetError
from core.image_files import image_files
from core.parallel import map_all
from core.training.config import FurtherData, TrainConfig
from core.training.loop.balance import balanced
from core.training.loop.no_cell import no_cell_images
from core.vision.preparation import Preparation

FEWEST_PER_CLASS = 10
CELLS_CUT_UP = 400  # so many training cells lend their corners to the images without a cell


class Images:
    """Arrays of images, read as if they were one."""

    def __init__(self, *parts: np.ndarray | PixelCache) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends = np.cumsum([len(part) for part in self._parts])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n,) → (n, S, S, 3) uint8."""
        out = np.empty((len(rows), *self._parts[0].shape[1:]), dtype=np.uint8)
        of_part = np.searchsorted(self._ends, rows, side="right")
        for number in np.unique(of_part):
            here = of_part == number
            start = self._ends[number] - len(self._parts[number])
            out[here] = self._parts[number][rows[here] - start]
        return out


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Images made ready and what is known of them.

    Attributes:
        images: rows → (n, S, S, 3) uint8.
        targets: (N,) int64, index into ``classes`` followed by ``outside``.
        train: rows that an epoch shows, some of them more than once.
        validation: rows of classes alone.
        names: file name of each row, "" for what was drawn.
        outside: kinds outside the classes that there are images of.
        weights: how often each of ``train`` is drawn, against the others; None for all alike.
        further_rows: those of each further laboratory, in the configuration's order.
    """

    images: Images
    targets: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    further_rows: tuple[np.ndarray, ...] = ()
    weights: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class _Block:
    """Images that are all for training."""

    images: np.ndarray
    labels: tuple[str, ...]
    names: tuple[str, ...]
    repeat: int


def training_data(
    config: TrainConfig,
    cache_dir: Path,
    progress: Callable[[str, int, int], None] | None = None,
    admit: Callable[[Catalogue, pd.Series], None] | None = None,
) -> tuple[Catalogue, TrainingData]:
    """The catalogue of ``config.data_dir``, and all images to train on, made ready.

    Args:
        progress: told what is done with the images, with how many of them, and of how many.
        admit: told the catalogue and its split before any image is made ready; may raise.

    Raises:
        DatasetError: unknown classes, fewer than two classes, or a class too small to learn or
            without an image in a split.
    """
    catalogued, prepared = (
        progress and partial(progress, what) for what in ("catalogued", "prepared")
    )
    catalogue = update_catalogue(Path(config.data_dir), cache_dir, catalogued)
    splits = split(catalogue, seed=config.seed)
    if admit:
        admit(catalogue, splits)
    classes = _classes(catalogue.images, splits)
    table = _limited(catalogue.images, splits, config.limit)
    cache = pixel_cache(catalogue, config.preparation, cache_dir, table["path"], prepared)
    rows = cache.rows(table["path"])
    of_row = splits.loc[table["path"]].to_numpy()
    train = rows[of_row == "train"]
    blocks = [_laboratory(further, config.preparation) for further in config.further]
    if config.no_cell:
        blocks.append(_without_cells(config, [catalogue.root / cache.paths[row] for row in train]))
    outside = _outside(blocks)
    outputs = (*classes, *outside)
    targets = np.zeros(len(cache.paths), dtype=np.int64)
    targets[rows] = [classes.index(label) for label in table["label"]]
    starts = np.cumsum([len(targets), *(len(block.labels) for block in blocks)])
    rows_of = [
        start + _of_outputs(block, outputs) for start, block in zip(starts, blocks, strict=False)
    ]
    shown = [np.tile(own, block.repeat) for own, block in zip(rows_of, blocks, strict=True)]
    every = np.concatenate([targets, *(_targets(block, outputs) for block in blocks)])
    data = TrainingData(
        images=Images(cache, *(block.images for block in blocks)),
        targets=every,
        train=np.concatenate([train, *shown]),
        validation=rows[of_row == "validation"],
        classes=classes,
        names=(*cache.paths, *(name for block in blocks for name in block.names)),
        outside=outside,
        further_rows=tuple(rows_of[: len(config.further)]),
        weights=balanced([every[rows] for rows in (train, *shown)]) if config.balanced else None,
    )
    return catalogue, data


def _laboratory(further: FurtherData, prepare: Preparation) -> _Block:
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
    return _Block(images, tuple(table["label"]), names, further.repeat)


def _without_cells(config: TrainConfig, cells: Sequence[Path]) -> _Block:
    """Images that show no cell, cut from training cells and smears, or drawn."""
    prepare = config.preparation
    chosen = np.random.default_rng(config.seed).permutation(len(cells))[:CELLS_CUT_UP]
    own = [read_cell_file(cells[row], prepare.at_least_px) for row in chosen]
    fields = image_files(Path(config.smears.folder)) if config.smears else []
    smears = [read_cell_file(path) for path in fields]
    shown = list(no_cell_images(config.no_cell, own, smears, config.seed))
    images = np.stack(map_all(prepare, shown))
    labels = (taxonomy.NO_CELL.key,) * len(images)
    return _Block(images, labels, ("",) * len(images), repeat=1)


def _outside(blocks: Sequence[_Block]) -> tuple[str, ...]:
    found = {label for block in blocks for label in block.labels}
    return tuple(key for key in taxonomy.OUTSIDE_KEYS if key in found)


def _of_outputs(block: _Block, outputs: tuple[str, ...]) -> np.ndarray:
    """The rows whose class the home data set has; others could not be measured."""
    return np.array([row for row, label in enumerate(block.labels) if label in outputs], dtype=int)


def _targets(block: _Block, outputs: tuple[str, ...]) -> np.ndarray:
    return np.array(
        [outputs.index(label) if label in outputs else -1 for label in block.labels], dtype=np.int64
    )


def _limited(table: pd.DataFrame, splits: pd.Series, limit: int | None) -> pd.DataFrame:
    """About ``limit`` images, each split and class in its share, and at least one of each."""
    if limit is None or limit >= len(table):
        return table
    parts = [splits.loc[table["path"]].to_numpy(), table["label"].to_numpy()]
    share = limit / len(table)
    return pd.concat(
        own.sample(max(1, round(share * len(own))), random_state=0)
        for _, own in table.groupby(parts)
    )


def _classes(table: pd.DataFrame, splits: pd.Series) -> tuple[str, ...]:
    counts = table["label"].value_counts()
    unknown = sorted(set(counts.index) - set(taxonomy.KEYS))
    if unknown:
        raise DatasetError(
            f"Unknown class folders: {', '.join(unknown)}. Rename them to one of "
            f"{', '.join(taxonomy.KEYS)}, or move them out of the data folder."
        )
    rare = counts[counts < FEWEST_PER_CLASS]
    if len(rare):
        raise DatasetError(
            f"Too few images to learn from: {', '.join(f'{k} ({n})' for k, n in rare.items())}. "
            f"Each class needs at least {FEWEST_PER_CLASS}; add images or remove the folder."
        )
    dealt = pd.crosstab(table["label"], table["path"].map(splits)).reindex(columns=SPLITS)
    lacking = dealt.index[(dealt.fillna(0) == 0).any(axis=1)]
    if len(lacking):
        raise DatasetError(
            f"Too few different cells to learn from, validate and test on: {', '.join(lacking)}. "
            "Copies of a cell and overlapping views stay together. Add images of other cells or "
            "remove the folder."
        )
    if len(counts) < 2:
        raise DatasetError("Training needs at least two classes of cells, one folder each.")
    return tuple(key for key in taxonomy.KEYS if key in counts.index)
