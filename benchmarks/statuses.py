"""What becomes of cells and of other images: confident, for review, referred, rejected.

python -m benchmarks.statuses DATA [--model NAME] [--images FOLDER ...]

DATA holds ``pbc``, ``external``, ``abnormal`` and ``fields``. Of PBC only the test split is
predicted; the laboratories without and under a profile made from 55 of their cells, unlabelled.
Mean recall is over the classes present with more than two cells.
IMAGES are folders of anything but blood cells.
"""

import argparse
import importlib.util
import io
import itertools
import random
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from core.analysis.files import read_paths
from core.analysis.intake import CellImage, Refused, read_image
from core.analysis.predictor import Predictor
from core.dataset.catalogue import update_catalogue
from core.dataset.folders import labelled_folder
from core.dataset.roots import folders_in
from core.dataset.splits import split
from core.errors import ImageRefusedError
from core.image_files import image_files
from core.images import decode, decode_cell
from core.prediction import Prediction, Status
from core.settings import settings
from core.taxonomy import ABNORMAL_KEYS, is_known
from core.training.loop.no_cell import no_cell_images
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier
from core.vision.profiling import FEWEST_CELLS, make_profile

NO_CELL = 560
ANOTHER_SEED = 4711
SPARE = 5  # a profile needs 50 images in which a cell is found
WINDOWS = 20  # of each photograph
FEWEST = 3  # cells of a class that its recall is taken from
HEADER = (
    "| cells | of them predicted | right | mean recall | confident | wrong among those "
    "| referred as abnormal | rejected |"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default=settings().bundle)
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    classifier = Classifier(find_bundle(asked.model, settings()), settings().runtime)
    print(HEADER)
    print("|" + "---|" * (HEADER.count("|") - 1))
    home = asked.data / "pbc/bloodcells_dataset"
    catalogue = update_catalogue(home, settings().cache_dir)
    names = split(catalogue, seed=classifier.bundle.card.data.split_seed)
    test = catalogue.images[catalogue.images["path"].map(names) == "test"]
    rows = list(zip(test["path"], test["label"], strict=True))
    tell("PBC, test split", *predicted(Predictor(classifier), home, rows))
    for folder in folders_in(asked.data / "external"):
        table = labelled_folder(folder)
        cells = list(zip(table["path"], table["label"], strict=True))
        laboratory(classifier, folder, cells)
    leukaemia = asked.data / "abnormal/aml_lmu"
    table = labelled_folder(leukaemia, outside=True)
    for kind in ("normal", *sorted(ABNORMAL_KEYS)):
        cells = [
            (path, label)
            for path, label in zip(table["path"], table["label"], strict=True)
            if (is_known(label) if kind == "normal" else label == kind)
        ]
        tell(f"{leukaemia.name}, {kind}", *predicted(Predictor(classifier), leukaemia, cells))
    for name, images in {
        # Drawn from another seed, but cut from the photographs and fields that were trained on.
        "no cell, other windows of what was trained on": without_cells(
            home, test["path"].tolist(), asked.data / "fields/chula_rbc"
        ),
        "no cell, photographs that no training saw": windows(photographs()),
        "no cell, fields of pigs beside their white cells": beside(asked.data / "fields/pig"),
    }.items():
        items = handed_in(images, classifier)
        tell(name, *predictions(Predictor(classifier), items, [""] * len(items)))
    for folder in asked.images:
        items = list(read_paths([folder], classifier.at_least_px))
        tell(folder.name, *predictions(Predictor(classifier), items, [""] * len(items)))


def without_cells(home: Path, test: Sequence[str], smears: Path) -> Iterator[Image.Image]:
    """Images as in training, but drawn from another seed and cut from cells held back."""
    cells = [decode_cell((home / path).read_bytes()) for path in test[:: len(test) // 150]]
    fields = [decode(path.read_bytes()) for path in image_files(smears)]
    return no_cell_images(NO_CELL, cells, fields, ANOTHER_SEED)


def photographs() -> list[Image.Image]:
    """Those that the package gradio carries."""
    (folder,) = importlib.util.find_spec("gradio").submodule_search_locations
    files = sorted((Path(folder) / "media_assets/images").glob("*.jp*g"))
    return [Image.open(file).convert("RGB") for file in files]


def windows(images: Sequence[Image.Image]) -> Iterator[Image.Image]:
    """So many squares of each."""
    rng = np.random.default_rng(ANOTHER_SEED)
    for image in images:
        for _ in range(WINDOWS):
            yield image.crop(square(image, rng))


def beside(folder: Path) -> Iterator[Image.Image]:
    """Squares of fields that touch no box: red cells and background."""
    rng = np.random.default_rng(ANOTHER_SEED)
    for file in image_files(folder):
        image = Image.open(file).convert("RGB")
        lines = file.with_suffix(".txt").read_text().splitlines()
        boxes = np.array([line.split()[1:5] for line in lines], float).reshape(-1, 4)
        boxes *= [*image.size, *image.size]
        tried = (square(image, rng, most=0.4) for _ in range(20))
        free = (found for found in tried if not touches(found, boxes))
        yield from (image.crop(found) for found in itertools.islice(free, 2))


def square(
    image: Image.Image, rng: np.random.Generator, most: float = 0.9
) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge of a random one in px."""
    side = int(min(image.size) * rng.uniform(0.15, most))
    left, top = (int(rng.integers(whole - side + 1)) for whole in image.size)
    return left, top, left + side, top + side


def touches(place: tuple[int, int, int, int], boxes: np.ndarray) -> bool:
    """Whether a square reaches into a box: (B, 4) centre x, y, width and height in px."""
    left, top, right, bottom = place
    x, y, width, height = boxes.T
    apart = (x + width / 2 < left) | (x - width / 2 > right)
    apart |= (y + height / 2 < top) | (y - height / 2 > bottom)
    return not apart.all()


def handed_in(images: Iterable[Image.Image], classifier: Classifier) -> list[CellImage | Refused]:
    """Images as if somebody had handed in their files."""
    found: list[CellImage | Refused] = []
    for number, image in enumerate(images):
        file = io.BytesIO()
        image.save(file, "PNG")
        try:
            found.append(read_image(str(number), file.getvalue(), classifier.at_least_px))
        except ImageRefusedError as error:
            found.append(Refused(str(number), str(error)))
    return found


def laboratory(classifier: Classifier, folder: Path, cells: Sequence[tuple[str, str]]) -> None:
    """One laboratory without a profile and under one of a few of its cells."""
    tell(folder.name, *predicted(Predictor(classifier), folder, cells))
    shuffled = random.Random(0).sample(cells, len(cells))
    items = read_paths([folder / path for path, _ in shuffled], classifier.at_least_px)
    images = [item.rgb for item in items if isinstance(item, CellImage)]
    few = images[: FEWEST_CELLS + SPARE]
    profile = make_profile(folder.name, few, classifier)
    tell(f"{folder.name}, profile", *predicted(Predictor(classifier, profile), folder, cells))


def predicted(
    predictor: Predictor, root: Path, cells: Sequence[tuple[str, str]]
) -> tuple[list[Prediction | Refused], list[str]]:
    """The predictions of (path, label) under ``root``, and the labels."""
    items = read_paths([root / path for path, _ in cells], predictor.at_least_px)
    return predictions(predictor, items, [label for _, label in cells])


def predictions(
    predictor: Predictor, items: Iterable[CellImage | Refused], labels: list[str]
) -> tuple[list[Prediction | Refused], list[str]]:
    return list(predictor.stream(items)), labels


def likeliest(prediction: Prediction) -> str:
    """The class that it would be if it were a cell."""
    return max(prediction.probabilities, key=lambda key: prediction.probabilities[key])


def mean_recall(pairs: Sequence[tuple[Prediction, str]]) -> float:
    """Over the classes that there are cells of; 0 where nothing has a label."""
    hits: dict[str, list[bool]] = {}
    for one, label in pairs:
        hits.setdefault(label, []).append(likeliest(one) == label)
    recalls = [statistics.mean(own) for own in hits.values() if len(own) >= FEWEST]
    return statistics.mean(recalls) if recalls else 0.0


def tell(name: str, found: Sequence[Prediction | Refused], labels: Sequence[str]) -> None:
    """One line of the table; shares in per cent of all images."""
    pairs = [
        (one, label)
        for one, label in zip(found, labels, strict=True)
        if isinstance(one, Prediction)
    ]
    counts = Counter(one.status for one, _ in pairs)
    right = sum(likeliest(one) == label for one, label in pairs)
    sure = [(one, label) for one, label in pairs if one.status == Status.CONFIDENT]
    wrong = sum(one.label != label for one, label in sure)
    recall = mean_recall(pairs)
    total = max(len(found), 1)
    print(
        f"| {name} ({len(found)}) | {len(pairs)} | {right / total:.1%} | {recall:.1%} "
        f"| {counts[Status.CONFIDENT] / total:.1%} | {wrong} of {len(sure)} "
        f"| {counts[Status.REFERRED] / total:.1%} | {counts[Status.REJECTED] / total:.1%} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
