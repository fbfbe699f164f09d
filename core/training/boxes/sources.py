"""The data sets of boxes: where their images lie, how their boxes are written, on what terms."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from core.errors import DatasetMissingError
from core.fields.scale import KINDS, PLATELET, RBC, WBC
from core.image_files import files_in, image_files
from core.training.boxes.boxed import Boxed, dealt
from core.vision.locating.card import Source
from core.vision.nucleus import find_nucleus

_VOC = {"WBC": WBC, "RBC": RBC, "Platelets": PLATELET}
_YOLO = {0: WBC, 1: RBC, 2: PLATELET}
_ALL = tuple(range(len(KINDS)))
_RIM = 1.25  # a platelet's box over what is dark in it
OF_FIELDS = ("BCCD", "TXL-PBC, 360 px", "TXL-PBC, 416 px", "TXL-PBC, 575 px", "Pig smears")
PBC_SIDES = (360, 366)  # px: TXL-PBC's images of that width are PBC's own


@dataclass(frozen=True)
class Terms:
    """What a source's keeper asks for, and the size of its red cells.

    Attributes:
        red_cell_px: median diameter, in px of the source's images: of the boxes, where red cells
            have some, else measured by hand in a few images.
    """

    licence: str
    citation: str
    red_cell_px: float


_PBC = "Acevedo et al. 2020, Data in Brief 30:105474; boxes of white cells"
_TXL = "TXL-PBC: fields of several laboratories with boxes"
_CHULA = "Naruenatthanaset et al. 2021, arXiv:2012.01321: Chula RBC-12"
TERMS = {
    "PBC": Terms("CC BY 4.0", _PBC, 74),
    "PBC, platelets": Terms("CC BY 4.0", _PBC, 74),
    "BCCD": Terms("MIT", "Shenggan 2017, https://github.com/Shenggan/BCCD_Dataset", 103),
    "TXL-PBC, 360 px": Terms("MIT", _TXL, 74),
    "TXL-PBC, 416 px": Terms("MIT", _TXL, 77),
    "TXL-PBC, 575 px": Terms("MIT", _TXL, 130),
    "Pig smears": Terms("CC0", "warty pig smears, photographed through an eyepiece", 12.5),
    "Chula RBC-12": Terms("MIT", _CHULA, 36),
}


def images_of_cells(data: Path, home_train: set[str]) -> list[Boxed]:
    """Images of single cells with their box, under the folder that holds ``pbc``.

    Args:
        home_train: sample ids of the PBC set that may be learnt from.

    Raises:
        DatasetMissingError: there are none.
    """
    _require(data, "pbc/boxes.csv")
    platelets = _platelets(data / "pbc/bloodcells_dataset", home_train)
    return [*_pbc(data / "pbc", home_train), *platelets]


def images_of_white_cells(data: Path, home_train: set[str], most: int = 2500) -> list[Boxed]:
    """Some of those that hold a white cell and may be learnt from."""
    _require(data, "pbc/boxes.csv")
    images = [one for one in _pbc(data / "pbc", home_train) if not one.held_back]
    order = np.random.default_rng(0).permutation(len(images))[:most]
    return [images[row] for row in order]


def images_of_fields(data: Path) -> list[Boxed]:
    """Fields with their boxes, under the folder that holds ``fields``, some of them held back.

    Raises:
        DatasetMissingError: one of the sources is missing.
    """
    parts = ("bccd", "txl_pbc", "pig", "chula_rbc")
    _require(data, *(f"fields/{part}" for part in parts))
    bccd, txl, pig, chula = (data / "fields" / part for part in parts)
    undivided = ("BCCD", "Pig smears", "Chula RBC-12")
    return [*dealt([*_bccd(bccd), *_txl(txl), *_pig(pig), *_chula(chula)], undivided)]


def taught_with(images: Sequence[Boxed]) -> tuple[Source, ...]:
    """What a network learnt from, for its card."""
    names = dict.fromkeys(one.source for one in images)
    return tuple(
        Source(
            name=name,
            images=sum(one.source == name for one in images),
            boxes=sum(len(one.boxes) for one in images if one.source == name),
            licence=TERMS[name].licence,
            citation=TERMS[name].citation,
        )
        for name in names
    )


def _require(data: Path, *parts: str) -> None:
    for part in parts:
        if not (data / part).exists():
            raise DatasetMissingError(f"Learning to find cells needs {data / part}. Put it there.")


def _pbc(folder: Path, train: set[str]) -> Iterator[Boxed]:
    table = pd.read_csv(folder / "boxes.csv")
    for path, *box in table[["image", "x", "y", "width", "height"]].itertuples(index=False):
        boxes = np.array([[WBC, *box]], dtype=np.float32)
        image = folder / "bloodcells_dataset" / path
        yield Boxed(image, "PBC", boxes, (WBC,), held_back=path not in train)


def _platelets(folder: Path, train: set[str]) -> Iterator[Boxed]:
    """PBC's platelets, whose boxes nobody drew: in that laboratory the finder is right."""
    for path in sorted(path for path in train if path.startswith("platelet/")):
        with Image.open(folder / path) as image:
            body = find_nucleus(image.convert("RGB"))
        if body is not None:
            across, down = image.size
            size = (_RIM * body.side_px / across, _RIM * body.side_px / down)
            box = np.array([[PLATELET, body.x / across, body.y / down, *size]], dtype=np.float32)
            yield Boxed(folder / path, "PBC, platelets", box, (PLATELET,))


def _bccd(folder: Path) -> Iterator[Boxed]:
    images = {path.stem: path for path in image_files(folder / "JPEGImages")}
    for stem, path in _texts(folder / "Annotations", ".xml").items():
        if stem in images:
            yield Boxed(images[stem], "BCCD", _voc(path), (WBC,))  # red cells: many have none


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
        if path.stem in labels:
            source = f"TXL-PBC, {360 if side in PBC_SIDES else side} px"
            boxes = _yolo(labels[path.stem], _YOLO)
            yield Boxed(path, source, boxes, _ALL, held_back="val" in path.parts)


def _pig(folder: Path) -> Iterator[Boxed]:
    labels = _texts(folder, ".txt")
    for path in image_files(folder):
        if path.stem in labels:
            yield Boxed(path, "Pig smears", _yolo(labels[path.stem], {0: WBC}), (WBC,))


def _chula(folder: Path) -> Iterator[Boxed]:
    """Fields next to without white cells; what their points mark has no box."""
    for path in image_files(folder):
        yield Boxed(path, "Chula RBC-12", np.empty((0, 5), np.float32), (WBC,))


def _yolo(path: Path, kinds: dict[int, int]) -> np.ndarray:
    rows = [[float(value) for value in line.split()[:5]] for line in path.read_text().splitlines()]
    kept = [[kinds[int(kind)], *box] for kind, *box in filter(None, rows) if int(kind) in kinds]
    return np.array(kept, dtype=np.float32).reshape(-1, 5)
