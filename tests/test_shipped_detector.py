"""The detector of a fresh clone, on real fields and cells."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.analysis.fields import FieldReading, read_field
from core.analysis.intake import read_image
from core.analysis.predictor import Predictor
from core.fields.detector import open_detector
from core.fields.find import find_cells
from core.fields.scale import KINDS, RED_CELL_UM, WBC
from core.settings import Settings
from core.training.boxes.sources import TERMS, images_of_fields
from core.training.detector.measuring import matched
from core.vision.bundle import find_bundle
from core.vision.classifier import Classifier

CLASSES = ("basophil", "eosinophil", "erythroblast", "ig", "lymphocyte", "monocyte", "neutrophil")


def test_its_card_names_what_it_learnt_from_and_how_well_it_finds() -> None:
    card = open_detector().card
    assert all(source.licence and source.citation for source in card.sources)
    assert {source.name for source in card.sources} <= TERMS.keys()
    white = {what: told for what, told in card.figures.items() if what.endswith(KINDS[WBC])}
    boxed = {what: told for what, told in white.items() if told["boxed"]}
    assert min(told["recall"] for told in boxed.values()) > 0.93
    assert max(told["false_per_field"] for told in white.values()) <= 0.1


def test_white_cells_of_held_back_fields_are_found(real_root: Path) -> None:
    fields = [one for one in images_of_fields(real_root) if one.held_back]
    some = [one for one in fields if one.source in ("BCCD", "TXL-PBC, 360 px")][::5]
    told = matched(open_detector(), some, WBC).figures(0.0)
    assert told["recall"] >= 0.95
    assert told["false_per_field"] <= 0.1


def test_the_count_of_a_real_field_does_not_hang_on_where_the_grid_lies(real_root: Path) -> None:
    path = real_root / "slides/smear.tif"
    with Image.open(path) as slide:
        field = slide.convert("RGB").crop((0, 0, 2000, 1500))
    um_per_px = RED_CELL_UM / 38  # its red cells are 38 px wide
    counts = [
        [len(find_cells(field, um_per_px, shift=shift).of(kind)) for kind in KINDS]
        for shift in ((0, 0), (131, 77), (200, 399))
    ]
    white, red, _ = np.ptp(counts, axis=0).tolist()
    assert white == 0
    assert red <= 0.01 * counts[0][1]


def test_a_cell_out_of_its_field_gets_the_label_of_its_own_image(real_data: Path) -> None:
    bundle = find_bundle(Settings().bundle, Settings())
    predictor = Predictor(Classifier(bundle, "openvino"))
    same = []
    for label in CLASSES:
        for path in sorted((real_data / label).iterdir())[:3]:
            data = path.read_bytes()
            given = read_field(path.name, data, predictor)
            assert isinstance(given, FieldReading)
            (alone,) = predictor.predict([read_image(path.name, data, predictor.at_least_px)])
            same.append(alone.label in {one.label for one in given.told})
    assert np.mean(same) >= 0.9


def test_an_image_of_one_cell_is_a_field_with_one(real_data: Path) -> None:
    found = []
    for label in CLASSES:
        for path in sorted((real_data / label).iterdir())[:6]:
            with Image.open(path) as image:
                cells = find_cells(image.convert("RGB")).of("wbc")
            middle = np.array(image.size) / 2
            boxes = np.array([cell.box for cell in cells if not cell.cut]).reshape(-1, 4)
            found.append(
                bool(((boxes[:, :2] < middle) & (middle < boxes[:, 2:])).all(axis=1).any())
            )
    assert np.mean(found) >= 0.95
