"""The cells that a bundle learnt from and carries along, and which of them look like another.

index = load_index(bundle)
for cell in index.nearest(scores.embedding[0], "neutrophil", "upload.jpg"): ...
"""

import io
import re
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from core.prediction import ReferenceCell
from core.vision.bundle import INDEX, REFERENCE, Bundle
from core.vision.preparation import middle

PRINT_PX = 32
# Correlation of two prints. Of 80 reference cells saved anew, smaller or coarser, 95% reach 0.99
# with themselves; of 780 others none reaches 0.95 but for a second shot of one cell.
SAME = 0.95
EACH = 3


@dataclass(frozen=True, eq=False)
class ReferenceIndex:
    """All reference cells of a bundle.

    Attributes:
        entries: (n,) names in ``reference.zip``: split, label and file.
        sources: (n,) where each is from.
        embedding: (n, D) float32 of length 1.
        prints: (n, P) float32 of length 1, as ``prints_of`` gives them.
    """

    entries: tuple[str, ...]
    sources: tuple[str, ...]
    embedding: np.ndarray
    prints: np.ndarray

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """The rows of each label."""
        rows: dict[str, list[int]] = {}
        for row, entry in enumerate(self.entries):
            rows.setdefault(label_of(entry), []).append(row)
        return rows

    def nearest(
        self,
        embedding: np.ndarray,
        print_: np.ndarray,
        label: str,
        name: str,
        count: int = EACH,
    ) -> tuple[ReferenceCell, ...]:
        """The cells of a label that look most like another cell, the most alike first.

        Cells of the same image are left out: cells cut from the same field, as far as file names
        tell, and the same cell under any name, saved in any way.

        Args:
            embedding: (D,) of length 1.
            print_: (P,) of length 1.
            name: file name of the other cell's image.
        """
        own = self._rows.get(label, [])
        likeness = self.embedding[own] @ embedding
        found: list[ReferenceCell] = []
        for place in np.argsort(-likeness, kind="stable"):
            row, alike = own[place], float(likeness[place])
            file = _file(self.entries[row])
            if len(found) == count:
                break
            copy = self.prints[row] @ print_ >= SAME
            if not copy and image_of(file) != image_of(name):
                found.append(
                    ReferenceCell(label, file, self.sources[row], alike, self.entries[row])
                )
        return tuple(found)


def prints_of(squares: np.ndarray) -> np.ndarray:
    """(N, S, S, 3) uint8, S at least 32 → (N, P) float32 of length 1: small, for likeness.

    Of the green channel, in which nuclei stand out most.
    """
    block = squares.shape[1] // PRINT_PX
    green = middle(squares, block * PRINT_PX)[..., 1].astype(np.float32)
    tiles = green.reshape(len(squares), PRINT_PX, block, PRINT_PX, block)
    flat = tiles.sum(axis=4).sum(axis=2).reshape(len(squares), PRINT_PX**2)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6))


def image_of(name: str) -> str:
    """The image that a cell was cut from, as far as its file name says.

    ``BloodImage_00157_1.jpg`` and ``BloodImage_00157_2.jpg`` are of one field, ``BNE_7323.jpg`` and
    ``BNE_7324.jpg`` are not.
    """
    stem = PurePosixPath(name).stem
    cut = re.fullmatch(r"(.*\d.*)_\d+", stem)
    return cut[1] if cut else stem


def load_index(bundle: Bundle) -> ReferenceIndex | None:
    """The index of a bundle; None where it has none."""
    if INDEX not in bundle.card.checksums:
        return None
    with np.load(bundle.folder / INDEX, allow_pickle=False) as stored:
        return ReferenceIndex(
            tuple(stored["entries"].tolist()),
            tuple(stored["sources"].tolist()),
            stored["embedding"].astype(np.float32),
            stored["prints"].astype(np.float32),
        )


def reference_image(bundle: Bundle, entry: str) -> np.ndarray | None:
    """A reference cell as the network sees it, (S, S, 3) uint8; None where it is gone."""
    try:
        square = np.asarray(stored_image(bundle.folder, entry))
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    return np.asarray(middle(square[None], bundle.card.side_px)[0])


def stored_image(folder: Path, entry: str) -> Image.Image:
    """What stands in ``reference.zip`` under that name, with its margin."""
    with zipfile.ZipFile(folder / REFERENCE) as archive:
        return Image.open(io.BytesIO(archive.read(entry)), formats=["JPEG"]).convert("RGB")


def label_of(entry: str) -> str:
    """The class, or kind outside the classes, of an entry."""
    return entry.split("/")[1]


def _file(entry: str) -> str:
    return entry.rpartition("/")[2].partition("-")[2]
