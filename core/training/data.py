"""From a folder of images to what the loop trains on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from core import taxonomy
from core.dataset.cache import pixel_cache
from core.dataset.catalogue import Catalogue, update_catalogue
from core.dataset.splits import split
from core.errors import DatasetError
from core.training.config import TrainConfig
from core.training.loop import TrainingData

FEWEST_PER_CLASS = 10


def training_data(
    config: TrainConfig, cache_dir: Path, progress: Callable[[int, int], None] | None = None
) -> tuple[Catalogue, TrainingData]:
    """The catalogue and the decoded pictures of ``config.data_dir``.

    Raises:
        DatasetError: unknown classes, fewer than two classes, or a class too small to learn.
    """
    catalogue = update_catalogue(Path(config.data_dir), cache_dir, progress)
    splits = split(catalogue, seed=config.seed)
    table = _limited(catalogue.images, splits, config.limit)
    classes = _classes(table)
    cache = pixel_cache(catalogue, config.side_px, cache_dir, progress)
    targets = np.zeros(len(cache.paths), dtype=np.int64)
    rows = cache.rows(table["path"])
    targets[rows] = [classes.index(label) for label in table["label"]]
    of_row = splits.loc[table["path"]].to_numpy()
    data = TrainingData(
        images=cache.images,
        targets=targets,
        train=rows[of_row == "train"],
        validation=rows[of_row == "validation"],
        classes=classes,
    )
    return catalogue, data


def _limited(table: pd.DataFrame, splits: pd.Series, limit: int | None) -> pd.DataFrame:
    """At most ``limit`` images, each split and class in its share."""
    if limit is None or limit >= len(table):
        return table
    groups = [splits.loc[table["path"]].to_numpy(), table["label"].to_numpy()]
    return table.groupby(groups).sample(frac=limit / len(table), random_state=0)


def _classes(table: pd.DataFrame) -> tuple[str, ...]:
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
    if len(counts) < 2:
        raise DatasetError("Training needs at least two classes of cells, one folder each.")
    return tuple(key for key in taxonomy.KEYS if key in counts.index)
