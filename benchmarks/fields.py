"""Finding the cells of fields: how many, how fast, and against plain segmentation by stain.

    python -m benchmarks.fields DATA [--detector NAME] [--model NAME]

DATA holds ``fields`` and ``slides``. Found is what overlaps a box that people drew by half. Every
figure is of held-back images. The reference is
what is done without a network: nuclei are what absorbs most red light (Otsu's threshold), closed
over a lobe's distance, and a white cell is such a body with a rim. It is told the true scale, too.
"""

import argparse
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from core.analysis.fields import read_field
from core.analysis.intake import Refused
from core.analysis.predictor import Predictor
from core.fields.detector import NAME, open_detector
from core.fields.find import find_cells
from core.fields.ruler import FEWEST
from core.fields.scale import KINDS, RBC, RED_CELL_UM, UM_PER_PX, WBC
from core.images.density import density, reached
from core.settings import settings
from core.training.boxes.boxed import Boxed
from core.training.boxes.sources import TERMS, images_of_fields
from core.training.detector.measuring import corners, hits
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier

LEAST_UM, RIM_UM, LOBES_UM = 4.0, 1.5, 1.5  # of a nucleus; around it; between its lobes
FIELDS, FIELD_PX = 20, (2592, 1944)
Find = Callable[[Image.Image, float], np.ndarray]


@dataclass
class Tally:
    """What one way found of the white cells of some fields."""

    boxed: int = 0
    hit: int = 0
    false: int = 0
    fields: int = 0
    seconds: float = 0.0

    def row(self) -> str:
        """Recall, false ones a field, F1, seconds a field."""
        f1 = 2 * self.hit / max(2 * self.hit + self.false + self.boxed - self.hit, 1)
        return (
            f"{self.hit / max(self.boxed, 1):.1%} | {self.false / self.fields:.2f} | {f1:.1%} "
            f"| {self.seconds / self.fields:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--detector", default=NAME)
    parser.add_argument("--model", default=settings().bundle)
    asked = parser.parse_args()
    detector = open_detector(asked.detector)
    images = [one for one in images_of_fields(asked.data) if one.held_back]

    def ours(image: Image.Image, um_per_px: float) -> np.ndarray:
        found = find_cells(image, um_per_px, detector=detector).of(KINDS[WBC])
        found = tuple(sorted(found, key=lambda cell: -cell.score))
        return np.array([cell.box for cell in found]).reshape(-1, 4)

    print("| white cells of | way | boxed | found | false a field | F1 | s a field |")
    print("|---|---|---|---|---|---|---|")
    for source in sorted({one.source for one in images}):
        theirs = [one for one in images if one.source == source]
        for name, find in (("the detector", ours), ("stain segmentation", segmented)):
            tally = _tallied(theirs, find)
            print(f"| {source} | {name} | {tally.boxed} | {tally.row()} |")
    _scales(images)
    _times(asked.data, Predictor(Classifier(find_bundle(asked.model, settings()), "openvino")))


def segmented(image: Image.Image, um_per_px: float) -> np.ndarray:
    """(N, 4) corners of white cells by their nuclei's stain."""
    zoom = um_per_px / UM_PER_PX
    size = (max(1, round(image.width * zoom)), max(1, round(image.height * zoom)))
    pixels = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    red = density(pixels[..., 0], reached(pixels[..., 0].reshape(-1), 0.9))
    reach = round(LOBES_UM / UM_PER_PX)
    nuclei = ndimage.binary_closing(red > _otsu(red), iterations=max(1, reach // 2))
    parts, _ = ndimage.label(nuclei)
    found = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(parts), start=1):
        sides = np.array([columns.stop - columns.start, rows.stop - rows.start])
        filled = (parts[rows, columns] == number).sum()
        if np.sqrt(filled) * UM_PER_PX >= LEAST_UM:
            middle = np.array([columns.start, rows.start]) + sides / 2
            half = sides / 2 + RIM_UM / UM_PER_PX
            found.append([*(middle - half), *(middle + half)])
    return np.array(found).reshape(-1, 4) / zoom


def _otsu(values: np.ndarray) -> float:
    """The value that parts them into two groups as unlike as can be."""
    counts, edges = np.histogram(values, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    means = sums / np.maximum(below, 1), (sums[-1] - sums) / np.maximum(above, 1)
    return float(middles[int((below * above * (means[0] - means[1]) ** 2).argmax())])


def _tallied(images: list[Boxed], find: Find) -> Tally:
    tally = Tally(fields=len(images))
    for one in images:
        image = one.open()
        started = time.perf_counter()
        found = find(image, RED_CELL_UM / TERMS[one.source].red_cell_px)
        tally.seconds += time.perf_counter() - started
        true = corners(one, WBC, image.size)
        right = sum(hits(found, true))
        tally.boxed += len(true)
        tally.hit += right
        tally.false += len(found) - right
    return tally


def _scales(images: list[Boxed]) -> None:
    """How far the scale lies off that red cells tell: against the median of people's own boxes."""
    print("\n| scale of | fields | median error | largest |")
    print("|---|---|---|---|")
    for source in sorted({one.source for one in images if RBC in one.complete}):
        off = []
        for one in (one for one in images if one.source == source):
            image = one.open()
            red = corners(one, RBC, image.size)
            if len(red) >= FEWEST:
                true = float(np.median(np.sqrt((red[:, 2:] - red[:, :2]).prod(axis=1))))
                off.append(abs(RED_CELL_UM / find_cells(image).um_per_px / true - 1))
        print(f"| {source} | {len(off)} | {np.median(off):.1%} | {max(off):.1%} |")


def _times(data: Path, predictor: Predictor) -> None:
    """The whole way of a field: decoded, its cells found, the white ones predicted."""
    large = _encoded(Image.open(data / "slides/smear.tif").convert("RGB").crop((0, 0, *FIELD_PX)))
    val = sorted((data / "fields/txl_pbc/images/val").iterdir())
    small = [Image.open(path).convert("RGB") for path in val]
    small = [image for image in small if image.size == (360, 363)]
    joined = [_encoded(_mosaic(small, first)) for first in range(0, 5 * FIELDS, 5)]
    read_field("warm.jpg", joined[0], predictor)
    print("\n| whole way of | white cells | s |\n|---|---|---|")
    for what, fields in (
        (f"a field of {FIELD_PX[0]}x{FIELD_PX[1]}", [large]),
        ("20 fields", joined),
    ):
        started = time.perf_counter()
        given = [read_field("field.jpg", field, predictor) for field in fields]
        seconds = time.perf_counter() - started
        cells = sum(len(one.told) for one in given if not isinstance(one, Refused))
        print(f"| {what} | {cells} | {seconds:.2f} |")


def _mosaic(images: list[Image.Image], first: int) -> Image.Image:
    """Six images of 360x363 side by side, as one field."""
    field = Image.new("RGB", (3 * 360, 2 * 363))
    for place in range(6):
        one = images[(first + place) % len(images)]
        field.paste(one, (place % 3 * 360, place // 3 * 363))
    return field


def _encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


if __name__ == "__main__":
    main()
