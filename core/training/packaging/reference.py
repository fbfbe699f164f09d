"""Some of the cells that a bundle was trained and validated on, kept with it as small images.

With them a bundle can be fitted to another laboratory without forgetting its own, and the loss
there be measured, where the data set itself is out of reach.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import BundleError
from core.taxonomy import NO_CELL
from core.training.loop.data import TrainingData
from core.vision.bundle import INDEX, REFERENCE, Bundle, checksum
from core.vision.card.contents import DataCard
from core.vision.classifier import Classifier
from core.vision.preparation import middle
from core.vision.reference_cells import label_of, prints_of, stored_image

TRAIN_EACH = 90  # of each output
VALIDATION_EACH = 60
QUALITY = 92


@dataclass(frozen=True, eq=False)
class Reference:
    """Images made ready, with their margin.

    Attributes:
        images: (N, S, S, 3) uint8.
        targets: (N,) int64, index into the card's ``classes`` followed by ``outside``.
        validation: (N,) bool; the others were trained on.
        names: file name of each.
    """

    images: np.ndarray
    targets: np.ndarray
    validation: np.ndarray
    names: tuple[str, ...]


def write_reference(folder: Path, data: TrainingData, seed: int = 0) -> None:
    """Writes ``reference.zip``: as many cells of each output as there are, up to a number."""
    rng = np.random.default_rng(seed)
    with zipfile.ZipFile(folder / REFERENCE, "w") as archive:
        for split, rows, most in (
            ("train", np.unique(data.train), TRAIN_EACH),
            ("validation", data.validation, VALIDATION_EACH),
        ):
            for target, key in enumerate((*data.classes, *data.outside)):
                own = rng.permutation(rows[data.targets[rows] == target])[:most]
                for row, square in zip(own, data.images[own], strict=True):
                    stem = Path(data.names[row]).stem or str(row)
                    # A ZipInfo carries no time of its own: the same cells are the same file.
                    entry = zipfile.ZipInfo(f"{split}/{key}/{row}-{stem}.jpg")
                    archive.writestr(entry, _encoded(square))


def read_reference(folder: Path, outputs: tuple[str, ...]) -> Reference:
    """What ``write_reference`` wrote.

    Raises:
        BundleError: the bundle came without.
    """
    if not (folder / REFERENCE).is_file():
        raise BundleError(
            f"Model {folder.name} holds no reference cells, so it cannot be adapted. "
            "Choose a model that was trained on standardised crops."
        )
    images, targets, validation, names = [], [], [], []
    with zipfile.ZipFile(folder / REFERENCE) as archive:
        for entry in archive.namelist():
            split, key, name = entry.split("/")
            with Image.open(io.BytesIO(archive.read(entry)), formats=["JPEG"]) as image:
                images.append(np.asarray(image))
            targets.append(outputs.index(key))
            validation.append(split == "validation")
            names.append(name.partition("-")[2])
    return Reference(
        np.stack(images), np.array(targets, np.int64), np.array(validation), tuple(names)
    )


def write_index(bundle: Bundle, sources: Sequence[str]) -> str:
    """Writes ``reference.npz`` for the training cells in ``reference.zip``; its checksum.

    Args:
        sources: where each of them is from, in their order there.
    """
    entries = training_entries(bundle.folder)
    squares = np.stack([np.asarray(stored_image(bundle.folder, entry)) for entry in entries])
    seen = middle(squares, bundle.card.side_px)
    told = Classifier(bundle, "openvino").outputs(seen)
    length = np.linalg.norm(told.embedding, axis=1, keepdims=True)
    np.savez_compressed(
        bundle.folder / INDEX,
        entries=np.array(entries),
        sources=np.array(sources),
        embedding=(told.embedding / length).astype(np.float16),
        prints=prints_of(seen).astype(np.float16),
    )
    return checksum(bundle.folder / INDEX)


def training_entries(folder: Path) -> list[str]:
    """Names of the training cells in ``reference.zip``; what shows no cell is left out."""
    with zipfile.ZipFile(folder / REFERENCE) as archive:
        return [
            name
            for name in archive.namelist()
            if name.startswith("train/") and label_of(name) != NO_CELL.key
        ]


def sources_of(folder: Path, data: TrainingData, origin: DataCard) -> list[str]:
    """Where each of the ``training_entries`` is from, in the card's words."""
    laboratory = {int(row): one for one, rows in enumerate(data.further_rows) for row in rows}
    names = [origin.source, *(one.source for one in origin.further)]
    rows = (int(entry.rpartition("/")[2].partition("-")[0]) for entry in training_entries(folder))
    return [names[laboratory.get(row, -1) + 1] for row in rows]


def _encoded(square: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(square).save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()
