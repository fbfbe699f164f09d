"""Each cell of a field once, where it is and as large as it is, however the field is cut up."""

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageRefusedError
from core.fields import find as module
from core.fields.find import FoundField, find_cells
from core.fields.maps import Boxes, joined
from core.fields.scale import RBC, RED_CELL_UM, WBC
from core.fields.scan import across_seams
from core.vision.locating.locator import Located
from tests.core.fields.drawn import Disc, Eye, as_detector, drawn, rows_of

WIDE, HIGH, RED_PX = 1500, 900, 30.0
UM_PER_PX = RED_CELL_UM / RED_PX
WHITE: list[Disc] = [(WBC, 200, 233, 52), (WBC, 733, 500, 60), (WBC, 1460, 812, 48)]


def field_of(discs: list[Disc], **how: object) -> FoundField:
    apart = [
        disc
        for disc in rows_of(WIDE, HIGH, RED_PX, 61)
        if all(np.hypot(disc[1] - x, disc[2] - y) > 60 for _, x, y, _ in discs)
    ]
    image = drawn(WIDE, HIGH, [*apart, *discs])
    return find_cells(image, detector=as_detector(Eye()), **how)  # type: ignore[arg-type]


def test_cells_are_found_where_they_are_and_as_large_as_they_are() -> None:
    found = field_of(WHITE, um_per_px=UM_PER_PX)

    assert not found.estimated
    white = found.of("wbc")
    assert len(white) == len(WHITE)
    for cell, (_, x, y, diameter) in zip(white, WHITE, strict=True):  # in scan order
        left, top, right, bottom = cell.box
        assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((x, y), abs=1.5)
        assert cell.diameter_um == pytest.approx(diameter * UM_PER_PX, rel=0.08)


def test_red_cells_are_the_ruler_where_nothing_else_tells_the_scale() -> None:
    found = field_of(WHITE)

    assert found.estimated
    assert found.um_per_px == pytest.approx(UM_PER_PX, rel=0.05)
    assert len(found.of("wbc")) == len(WHITE)


@pytest.mark.parametrize("shift", [(1, 1), (131, 77), (399, 200)])
def test_the_count_does_not_hang_on_where_the_grid_lies(shift: tuple[int, int]) -> None:
    plain, shifted = (field_of(WHITE, um_per_px=UM_PER_PX, shift=by) for by in ((0, 0), shift))
    for kind in ("wbc", "rbc"):
        assert len(shifted.of(kind)) == len(plain.of(kind)) > 2


def test_a_cell_at_the_edge_is_listed_as_cut() -> None:
    discs: list[Disc] = [(WBC, 10, 450, 52), (WBC, 700, 450, 52)]
    assert [cell.cut for cell in field_of(discs, um_per_px=UM_PER_PX).of("wbc")] == [True, False]


def test_of_a_white_and_a_red_cell_in_one_place_the_surer_stays() -> None:
    boxes = joined(
        [
            Boxes(np.array([[0.0, 0, 40, 40]]), np.array([RBC]), np.array([0.6])),
            Boxes(np.array([[2.0, 0, 42, 40]]), np.array([WBC]), np.array([0.8])),
            Boxes(np.array([[30.0, 0, 70, 40]]), np.array([RBC]), np.array([0.5])),
        ]
    )
    assert sorted(across_seams(boxes).scores.tolist()) == [0.5, 0.8]


def test_px_in_which_no_cell_can_be_told_are_refused() -> None:
    with pytest.raises(ImageRefusedError, match="objective"):
        find_cells(drawn(300, 300, []), 1.5, detector=as_detector(Eye()))


class Sure:
    """A locator that finds a cell of that side in the middle of every image."""

    def __init__(self, side: float, sureness: float) -> None:
        self._side, self._sureness = side, sureness

    def find(self, image: Image.Image) -> Located:
        x, y = image.width / 2, image.height / 2
        return Located(x, y, self._side, self._side, "wbc", self._sureness)


def located(monkeypatch: pytest.MonkeyPatch, side: float, sureness: float) -> FoundField:
    monkeypatch.setattr(module, "open_locator", lambda _: Sure(side, sureness))
    return find_cells(drawn(160, 160, []), detector=as_detector(Eye()))


def test_an_image_of_one_cell_has_one_that_the_detector_does_not_see(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = located(monkeypatch, 100, 0.6)
    (cell,) = found.cells
    assert (cell.kind, cell.box, cell.score) == ("wbc", (30, 30, 130, 130), 0.6)
    assert 6 < cell.diameter_um < 26
    assert found.estimated


@pytest.mark.parametrize(("side", "sureness"), [(100, 0.2), (30, 0.6)])
def test_an_unsure_cell_and_a_small_one_are_not_made_up(
    monkeypatch: pytest.MonkeyPatch, side: float, sureness: float
) -> None:
    assert located(monkeypatch, side, sureness).cells == ()


def test_the_cell_that_an_image_is_of_is_not_cut_by_its_edges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (cell,) = located(monkeypatch, 170, 0.6).cells
    assert not cell.cut


def test_grain_is_no_ruler() -> None:
    grains = rows_of(400, 300, 5, 9)
    found = find_cells(drawn(400, 300, grains), detector=as_detector(Eye()))
    assert found.um_per_px <= module.COARSEST_UM
