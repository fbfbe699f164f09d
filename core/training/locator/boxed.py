"""Images in which people drew boxes around cells."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from core.errors import DatasetMissingError
from core.image_files import files_in, image_files
from core.training.locator.fields import same_fields
from core.vision.nucleus import find_nucleus

_VOC = {"WBC": 0, "Platelets": 1}
_YOLO = {0: 0, 2: 1}  # TXL-PBC: white cells, red cells, platelets
_RIM = 1.25  # a platelet's box over what is dark in it
_HELD_BACK = 5  # one field in so many is kept to measure on


@dataclass(frozen=True, eq=False)
class Boxed:
    """An image and its boxes.

    Attributes:
        source: which data set it is from.
        boxes: (B, 5) float32: index into ``KINDS``, x and y of the centre, width and height in
            shares of the image's width and height.
        held_back: not to be learnt from, and no image of the same field is.
    """

    path: Path
    source: str
    boxes: np.ndarray
    held_back: bool = False

    def open(self) -> Image.Image:
        """The image, RGB."""
        with Image.open(self.path) as image:
            return image.convert("RGB")


def boxed_images(data: Path, home_train: set[str]) -> list[Boxed]:
    """All boxed images under the folder that holds ``pbc`` and ``fields``.

    Args:
        home_train: sample ids of the PBC set that may be learnt from.

    Raises:
        DatasetMissingError: one of the sources is missing.
    """
    for part in ("pbc/boxes.csv", "fields/bccd", "fields/txl_pbc", "fields/pig"):
        if not (data / part).exists():
            raise DatasetMissingError(f"Teaching the locator needs {data / part}. Put it there.")
    cells = [*_pbc(data / "pbc", home_train)]
    cells += [*_platelets(data / "pbc/bloodcells_dataset", home_train)]
    fields = [*_bccd(data / "fields/bccd"), *_txl(data / "fields/txl_pbc")]
    fields += [*_pig(data / "fields/pig")]
    kept, of_fields = ([one for one in part if len(one.boxes)] for part in (cells, fields))
    return [*kept, *_dealt(of_fields)]


def _dealt(images: list[Boxed]) -> Iterator[Boxed]:
    """One field in so many of each source is held back, with all its images in other sources."""
    names = same_fields([one.path for one in images]).tolist()
    seen: dict[str, int] = {}
    held_back: dict[int, bool] = {}
    for name, one in zip(names, images, strict=True):
        if name not in held_back:
            held_back[name] = seen.get(one.source, 0) % _HELD_BACK == 0
            seen[one.source] = seen.get(one.source, 0) + 1
        yield replace(one, held_back=held_back[name])


def _pbc(folder: Path, train: set[str]) -> Iterator[Boxed]:
    table = pd.read_csv(folder / "boxes.csv")
    for path, *box in table[["image", "x", "y", "width", "height"]].itertuples(index=False):
        boxes = np.array([[0, *box]], dtype=np.float32)
        yield Boxed(folder / "bloodcells_dataset" / path, "PBC", boxes, path not in train)


def _platelets(folder: Path, train: set[str]) -> Iterator[Boxed]:
    """PBC's platelets, whose boxes nobody drew: in that laboratory the finder is right."""
    for path in sorted(path for path in train if path.startswith("platelet/")):
        with Image.open(folder / path) as image:
            body = find_nucleus(image.convert("RGB"))
        if body is not None:
            across, down = image.size
            size = (_RIM * body.side_px / across, _RIM * body.side_px / down)
            box = np.array([[1, body.x / across, body.y / down, *size]], dtype=np.float32)
            yield Boxed(folder / path, "PBC, platelets", box, held_back=False)


def _bccd(folder: Path) -> Iterator[Boxed]:
    images = {path.stem: path for path in image_files(folder / "JPEGImages")}
    for stem, path in _texts(folder / "Annotations", ".xml").items():
        if stem in images:
            yield Boxed(images[stem], "BCCD", _voc(path))


def _texts(folder: Path, suffix: str) -> dict[str, Path]:
    """The files of that kind by the name of their image, in order."""
    found = sorted(path for path in files_in(folder) if path.suffix.lower() == suffix)
    return {path.stem: path for path in found}


def _voc(path: Path) -> np.ndarray:
    root = ET.parse(path).getroot()  # noqa: S314 - a data set's own, put there by its keeper
    across, down = (float(root.findtext(f"size/{side}", "0")) for side in ("width", "height"))
    rows = []
    for one in root.iter("object"):
        kind = _VOC.get(one.findtext("name", ""))
        left, top, right, bottom = (
            float(one.findtext(f"bndbox/{edge}", "0")) for edge in ("xmin", "ymin", "xmax", "ymax")
        )
        if kind is not None:
            middle = ((left + right) / 2 / across, (top + bottom) / 2 / down)
            rows.append([kind, *middle, (right - left) / across, (bottom - top) / down])
    return np.array(rows, dtype=np.float32).reshape(-1, 5)


def _txl(folder: Path) -> Iterator[Boxed]:
    labels = _texts(folder, ".txt")
    for path in image_files(folder):
        with Image.open(path) as image:
            side = image.width
        if side in (360, 366) or path.stem not in labels:
            continue  # those are PBC's own, maybe of its test split
        yield Boxed(path, f"TXL-PBC, {side} px", _yolo(labels[path.stem], _YOLO))


def _pig(folder: Path) -> Iterator[Boxed]:
    labels = _texts(folder, ".txt")
    for path in image_files(folder):
        if path.stem in labels:
            yield Boxed(path, "Pig smears", _yolo(labels[path.stem], {0: 0}))


def _yolo(path: Path, kinds: dict[int, int]) -> np.ndarray:
    rows = [[float(value) for value in line.split()[:5]] for line in path.read_text().splitlines()]
    kept = [[kinds[int(kind)], *box] for kind, *box in filter(None, rows) if int(kind) in kinds]
    return np.array(kept, dtype=np.float32).reshape(-1, 5)
