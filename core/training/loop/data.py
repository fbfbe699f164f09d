"""From folders of images to what the loop trains on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from core import taxonomy
from core.dataset.cache import PixelCache, pixel_cache
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.splits import SPLITS, split
from core.errors import DatasetError
from core.training.config import TrainConfig
from core.training.loop.balance import balanced
from core.training.loop.further import (
    laboratory,
    learnable_rows,
    outside_of,
    targets_of,
    without_cells,
)

FEWEST_PER_CLASS = 10


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
    blocks = [laboratory(further, config.preparation) for further in config.further]
    if config.no_cell:
        blocks.append(without_cells(config, [catalogue.root / cache.paths[row] for row in train]))
    outside = outside_of(blocks)
    outputs = (*classes, *outside)
    targets = np.zeros(len(cache.paths), dtype=np.int64)
    targets[rows] = [classes.index(label) for label in table["label"]]
    starts = np.cumsum([len(targets), *(len(block.labels) for block in blocks)])
    rows_of = [
        start + learnable_rows(block, outputs) for start, block in zip(starts, blocks, strict=False)
    ]
    shown = [np.tile(own, block.repeat) for own, block in zip(rows_of, blocks, strict=True)]
    every = np.concatenate([targets, *(targets_of(block, outputs) for block in blocks)])
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
