"""A field's white cells are predicted, each in its place; what cannot be read is refused."""

import io
import json
from collections.abc import Callable
from functools import partial

import pytest
from PIL import Image

from core.analysis import fields as module
from core.analysis.fields import FieldReading, read_field
from core.analysis.geojson import features
from core.analysis.intake import Refused
from core.analysis.predictor import Predictor
from core.errors import BundleRefusedError
from core.fields.find import find_cells
from core.fields.scale import RED_CELL_UM, WBC
from core.prediction import Prediction
from tests.core.fields.drawn import Disc, Eye, as_detector, drawn, rows_of

RED_PX = 40.0
UM_PER_PX = RED_CELL_UM / RED_PX
WHITE: list[Disc] = [(WBC, 320, 240, 70), (WBC, 5, 400, 70)]  # the second is cut by the edge


def field() -> bytes:
    red = [one for one in rows_of(640, 480, RED_PX, 90) if abs(one[1] - 320) > 80 and one[1] > 80]
    out = io.BytesIO()
    drawn(640, 480, [*red, *WHITE]).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells are told by their colour."""
    monkeypatch.setattr(module, "find_cells", partial(find_cells, detector=as_detector(Eye())))


@pytest.mark.usefixtures("seen")
def test_whole_white_cells_are_predicted_in_their_place(predictor: Predictor) -> None:
    given = read_field("smear.png", field(), predictor, UM_PER_PX)

    assert isinstance(given, FieldReading)
    assert [cell.cut for cell in given.found.of("wbc")] == [False, True]
    (told,) = given.told
    assert given.predictions == {0: told}
    box = told.cell.box
    assert box is not None
    assert (box.left + box.width / 2, box.top + box.height / 2) == pytest.approx((320, 240), abs=2)
    assert told.cell.name == "smear.png"


@pytest.mark.usefixtures("seen")
def test_its_json_lists_every_cell(predictor: Predictor) -> None:
    given = read_field("smear.png", field(), predictor, UM_PER_PX)
    assert isinstance(given, FieldReading)
    told = json.loads(json.dumps(given.to_dict()))

    assert (told["width"], told["height"], told["um_per_px"]) == (640, 480, UM_PER_PX)
    first, second, third, *_ = told["cells"]
    assert {"box", "kind", "score", "cut", "diameter_um"} < first.keys()
    assert {"label", "confidence", "status"} < first.keys()
    assert (second["kind"], second["cut"], "label" in second) == ("wbc", True, False)
    assert (third["kind"], "label" in third) == ("rbc", False)


@pytest.mark.usefixtures("seen")
def test_qupath_gets_a_rectangle_a_cell_with_its_class(predictor: Predictor) -> None:
    given = read_field("smear.png", field(), predictor, UM_PER_PX)
    assert isinstance(given, FieldReading)
    told = features(given)["features"]

    assert len(told) == len(given.found.cells)
    (ring,) = told[0]["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    names = [one["properties"]["classification"]["name"] for one in told]
    assert names[1:3] == ["White cell", "Red cell"]
    assert names[0] not in names[1:]


@pytest.mark.usefixtures("seen")
def test_a_plain_border_does_not_move_its_cells(predictor: Predictor) -> None:
    framed = Image.new("RGB", (840, 680))
    framed.paste(Image.open(io.BytesIO(field())), (100, 100))
    out = io.BytesIO()
    framed.save(out, "PNG")
    given = read_field("smear.png", out.getvalue(), predictor, UM_PER_PX)

    assert isinstance(given, FieldReading)
    left, top, right, bottom = given.found.of("wbc")[0].box
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((420, 340), abs=2)


@pytest.mark.usefixtures("seen")
def test_a_scale_that_no_cell_fits_is_not_believed_of_a_file(predictor: Predictor) -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(field())).save(out, "TIFF", dpi=(25400 / 1.5, 25400 / 1.5))
    given = read_field("smear.tif", out.getvalue(), predictor)

    assert isinstance(given, FieldReading)
    assert given.found.estimated
    assert given.found.um_per_px == pytest.approx(UM_PER_PX, rel=0.1)


def test_what_cannot_be_read_is_refused(predictor: Predictor) -> None:
    assert isinstance(read_field("notes.txt", b"words", predictor), Refused)


def raising(error: Exception) -> Callable[..., None]:
    def find(*_: object, **__: object) -> None:
        raise error

    return find


def test_an_image_that_a_step_cannot_take_is_refused_alone(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_cells", raising(ValueError("odd")))
    assert isinstance(read_field("smear.png", field(), predictor), Refused)
    monkeypatch.setattr(module, "find_cells", raising(BundleRefusedError("damaged")))
    with pytest.raises(BundleRefusedError):
        read_field("smear.png", field(), predictor)


def test_one_white_cell_that_fails_leaves_the_others(
    predictor: Predictor, seen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Refused("smear.png", "why")
    monkeypatch.setattr(predictor, "stream", lambda images: [failing for _ in images])
    given = read_field("smear.png", field(), predictor, UM_PER_PX)
    assert isinstance(given, FieldReading)
    assert given.told == []
    assert given.to_dict()["cells"][0]["error"] == "why"
    assert not any(isinstance(one, Prediction) for one in given.predictions.values())
