"""Runs a bundle over labelled images.

table = labelled_folder(root)
result = evaluate(Classifier(bundle), root, table)
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from core.errors import DatasetError, ImageRefusedError
from core.evaluation.mark import bundle_mark
from core.evaluation.results import EvaluationResult, OutsideCell
from core.image_files import image_bytes
from core.images import doubt, read_cell
from core.parallel import chunks, map_ahead
from core.taxonomy import KEYS, OUTSIDE_KEYS
from core.vision.card.contents import Card
from core.vision.classifier import Classifier, Scores
from core.vision.decision import decide
from core.vision.profile import Profile

CHUNK = 64


@dataclass(frozen=True, eq=False)
class _Predictions:
    """What is kept of the readable images, in order: N rows each."""

    probabilities: np.ndarray
    outside: np.ndarray
    attributes: np.ndarray
    embedding: np.ndarray
    statuses: np.ndarray


class _Image(NamedTuple):
    """A decoded image, and why a person should look at it."""

    rgb: Image.Image
    doubt: str | None


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
    """The bundle's prediction of every image, decoded in threads while the network works.

    Args:
        classifier: executes the bundle.
        root: the folder that ``path`` is relative to.
        table: path, label (key of a class, or of a kind outside the classes), subtype (or
            missing), one row an image.
        progress: told the images done and the images in all.
        split: the name that the result is kept under.
        data_fingerprint: of the catalogue that the table is from.
        synthetic: the images are drawn, not photographed.
        profile: of the laboratory that the images come from, where there is one.

    Raises:
        DatasetError: no rows, an unknown label, or no image of a class that can be read.
        ProfileError: the laboratory profile was made with another bundle.
    """
    _check(table)
    started = time.perf_counter()
    card = classifier.bundle.card
    if profile:
        profile.check_made_with(card.name)
    found = sorted(set(table["label"]) & set(KEYS) - set(card.classes), key=KEYS.index)
    predictions, unreadable = _predictions(classifier, root, list(table["path"]), profile, progress)
    every = table[~table["path"].isin(unreadable)].reset_index(drop=True)
    inside = every["label"].isin(KEYS).to_numpy()
    if not inside.any():
        raise DatasetError(
            "None of the images of a class could be read. The first: "
            f"{next(iter(unreadable.values()))}"
        )
    read = every[inside]
    classes = (*card.classes, *found)
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
        probabilities=np.pad(predictions.probabilities[inside], ((0, 0), (0, len(found)))),
        subtypes=tuple(read["subtype"].fillna("")),
        statuses=tuple(predictions.statuses[inside].tolist()),
        outside_kinds=card.outside,
        outside=predictions.outside[inside],
        outside_cells=tuple(_outside_cells(card, every, predictions, np.flatnonzero(~inside))),
        unreadable=tuple(unreadable.items()),
        attributes_card=card.attributes,
        attributes=predictions.attributes[inside],
        embedding=predictions.embedding[inside],
        seconds=time.perf_counter() - started,
    )


def _check(table: pd.DataFrame) -> None:
    unknown = sorted(set(table["label"]) - {*KEYS, *OUTSIDE_KEYS})
    if unknown:
        raise DatasetError(f"Unknown classes {unknown}. Known: {', '.join(KEYS)}.")
    if not table["label"].isin(KEYS).any():
        raise DatasetError(
            "There are no images of a known class to evaluate. Choose another split or folder."
        )


def _predictions(
    classifier: Classifier,
    root: Path,
    paths: list[str],
    profile: Profile | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[_Predictions, dict[str, str]]:
    """What is kept of the readable images in order, and the reason for each other."""
    blocks: list[_Predictions] = []
    unreadable: dict[str, str] = {}
    done = 0
    for chunk in _decoded(root, paths, classifier.at_least_px):
        read = [image for _, image in chunk if isinstance(image, _Image)]
        unreadable |= {path: reason for path, reason in chunk if isinstance(reason, str)}
        if read:
            scores = classifier.scores([image.rgb for image in read], profile)
            doubts = [image.doubt for image in read]
            blocks.append(_kept(classifier.bundle.card, scores, doubts))
        done += len(chunk)
        if progress is not None:
            progress(done, len(paths))
    if not blocks:
        reason = next(iter(unreadable.values()))
        raise DatasetError(f"None of the {len(paths)} images could be read. The first: {reason}")
    rows = {
        f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(_Predictions)
    }
    return _Predictions(**rows), unreadable


def _kept(card: Card, scores: Scores, doubts: Sequence[str | None]) -> _Predictions:
    return _Predictions(
        scores.classes,
        scores.outside.astype(np.float32),
        scores.attributes.astype(np.float32),
        scores.embedding.astype(np.float16),
        np.array([decide(card, scores[row], one).status for row, one in enumerate(doubts)]),
    )


def _outside_cells(
    card: Card, table: pd.DataFrame, predictions: _Predictions, rows: np.ndarray
) -> Iterator[OutsideCell]:
    for row in rows.tolist():
        of_classes = predictions.probabilities[row]
        yield OutsideCell(
            table["path"][row],
            table["label"][row],
            card.classes[int(of_classes.argmax())],
            float(of_classes.max()),
            str(predictions.statuses[row]),
        )


def _decoded(
    root: Path, paths: list[str], at_least_px: int
) -> Iterator[list[tuple[str, _Image | str]]]:
    """Chunks of path and image (or reason), the next one decoded while this one is used."""

    def read(path: str) -> tuple[str, _Image | str]:
        try:
            data = image_bytes(root / path)
            found = read_cell(data, at_least_px=at_least_px)
            return path, _Image(found.image, doubt(found, data))
        except ImageRefusedError as error:
            return path, str(error)
        except OSError as error:
            return path, f"The file cannot be read: {error.strerror or error}."

    yield from chunks(map_ahead(read, paths, 2 * CHUNK), CHUNK)
