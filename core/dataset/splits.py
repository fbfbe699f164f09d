"""Which images are for training, for validation and for the test."""

import hashlib
from pathlib import Path

import pandas as pd

from core.dataset.catalogue import MADE_BY as CATALOGUE_MADE_BY
from core.dataset.catalogue import Catalogue
from core.files import replacing
from core.fingerprint import of_code

MADE_BY = (*CATALOGUE_MADE_BY, "core.dataset.splits")
SPLITS = ("train", "validation", "test")
_TRAIN, _VALIDATION, _TEST = SPLITS
# Dealt out over and over: any ten cells in a row give 70/10/20, the first three one of each.
_DEAL = (_TRAIN, _TEST, _VALIDATION, *[_TRAIN] * 3, _TEST, *[_TRAIN] * 3)


def split(catalogue: Catalogue, *, seed: int = 0) -> pd.Series:
    """The split of each usable image: 70% train, 10% validation, 20% test.

    Cells of each class, ordered by subtype and then by a hash of seed and content, are dealt
    out in turn, so classes and subtypes keep their shares and file order plays no part.
    Images that show the same cell go together. Overlapping views of neighbouring cells that
    were dealt apart are all for training: what was trained on never comes up in the test.

    Returns:
        Series of split names; the index is ``path``.
    """
    images = catalogue.images.sort_values(["sha256", "path"])
    cells = images.drop_duplicates("group")[["group", "label", "subtype"]]
    cells["draw"] = [_draw(seed, group) for group in cells["group"]]
    cells = cells.sort_values(["label", "subtype", "draw"], na_position="first")
    turn = cells.groupby("label").cumcount() % len(_DEAL)
    dealt = pd.Series([_DEAL[i] for i in turn], index=cells["group"], dtype=object)
    names = images["group"].map(dealt)
    apart = names.groupby(images["view"]).transform("nunique") > 1
    names = names.mask(apart, _TRAIN)
    return pd.Series(names.to_numpy(), images["path"], name="split").sort_index()


def saved_split(catalogue: Catalogue, folder: Path, seed: int = 0) -> pd.Series:
    """The same, kept in ``folder`` for these images and this code, and read back from there."""
    file = folder / f"split-{catalogue.fingerprint}-seed{seed}-{of_code(*MADE_BY)}.csv"
    try:
        kept = pd.read_csv(file, index_col="path", dtype=str)["split"]
    except (OSError, ValueError, KeyError):
        kept = pd.Series(dtype=object)
    if kept.isin(SPLITS).all() and sorted(kept.index) == sorted(catalogue.images["path"]):
        return kept
    names = split(catalogue, seed=seed)
    with replacing(file, durable=False) as part:
        names.to_csv(part)
    return names


def _draw(seed: int, group: str) -> str:
    return hashlib.sha256(f"{seed}:{group}".encode()).hexdigest()
