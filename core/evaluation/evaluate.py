"""Runs a bundle over labelled images.

table = labelled_folder(root)
result = evaluate(Classifier(bundle), root, table)
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from core.errors import DatasetError, ImageRefusedError
from core.evaluation.results import EvaluationResult, bundle_mark
from core.images import decode_cell
from core.parallel import chunks, map_ahead
from core.taxonomy import KEYS, is_known
from core.vision.classifier import Classifier, Scores
from core.vision.profile import Profile

CHUNK = 64
Kept = tuple[np.ndarray, np.ndarray, np.ndarray]  # probabilities, attributes, embedding


def evaluate(
    classifier: Classifier,
    root: Path,
    table: pd.DataFrame,
    progress: Callable[[int, int], None] | None = None,
    *,
    split: str = "all",
    data_fingerprint: str = "",
    synthetic: bool = False,
    profile: Profile | None = None,
) -> EvaluationResult:
    """The bundle's answer to every image, decoded in threads while the network works.

    Args:
        classifier: executes the bundle.
        root: the folder that ``path`` is relative to.
        table: path, label (taxonomy key), subtype (or missing), one row an image.
        progress: told the images done and the images in all.
        split: the name that the result is kept under.
        data_fingerprint: of the catalogue that the table is from.
        synthetic: the images are drawn, not photographed.
        profile: of the laboratory that the images come from, where there is one.

    Raises:
        DatasetError: no rows, an unknown label, or no image that can be read.
    """
    _check(table)
    started = time.perf_counter()
    card = classifier.bundle.card
    found = sorted(set(table["label"]) - set(card.classes), key=KEYS.index)
    scores, unreadable = _answers(classifier, root, list(table["path"]), profile, progress)
    read = table[~table["path"].isin(unreadable)]
    if read.empty:
        reason = next(iter(unreadable.values()))
        raise DatasetError(f"None of the {len(table)} images could be read. The first: {reason}")
    classes = (*card.classes, *found)
    probabilities, attributes, embedding = map(np.concatenate, zip(*scores, strict=True))
    return EvaluationResult(
        bundle=card.name,
        mark=bundle_mark(card),
        runtime=classifier.runtime_name,
        data_fingerprint=data_fingerprint,
        split=split,
        synthetic=synthetic or card.synthetic,
        classes=classes,
        sample_ids=tuple(read["path"]),
        truth=np.array([classes.index(label) for label in read["label"]], dtype=np.int64),
        probabilities=np.pad(probabilities, ((0, 0), (0, len(found)))),
        subtypes=tuple(read["subtype"].fillna("")),
        unreadable=tuple(unreadable.items()),
        attributes_card=card.attributes,
        attributes=attributes,
        embedding=embedding,
        seconds=time.perf_counter() - started,
    )


def _check(table: pd.DataFrame) -> None:
    if table.empty:
        raise DatasetError("There are no images to evaluate. Choose another split or folder.")
    unknown = sorted({label for label in table["label"] if not is_known(label)})
    if unknown:
        raise DatasetError(f"Unknown classes {unknown}. Known: {', '.join(KEYS)}.")


def _answers(
    classifier: Classifier,
    root: Path,
    paths: list[str],
    profile: Profile | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[Kept], dict[str, str]]:
    """What is kept of the readable images in order, and the reason for each other."""
    blocks: list[Kept] = []
    unreadable: dict[str, str] = {}
    done = 0
    for chunk in _decoded(root, paths, classifier.at_least_px):
        pictures = [picture for _, picture in chunk if isinstance(picture, Image.Image)]
        unreadable |= {path: reason for path, reason in chunk if isinstance(reason, str)}
        if pictures:
            blocks.append(_kept(classifier.scores(pictures, profile)))
        done += len(chunk)
        if progress is not None:
            progress(done, len(paths))
    return blocks, unreadable


def _kept(scores: Scores) -> Kept:
    return (
        scores.classes,
        scores.attributes.astype(np.float32),
        scores.embedding.astype(np.float16),
    )


def _decoded(
    root: Path, paths: list[str], at_least_px: int
) -> Iterator[list[tuple[str, Image.Image | str]]]:
    """Chunks of path and picture (or reason), the next one decoded while this one is used."""

    def read(path: str) -> tuple[str, Image.Image | str]:
        try:
            return path, decode_cell((root / path).read_bytes(), at_least_px=at_least_px)
        except ImageRefusedError as error:
            return path, str(error)
        except OSError as error:
            return path, f"The file cannot be read: {error.strerror or error}."

    yield from chunks(map_ahead(read, paths, 2 * CHUNK), CHUNK)
