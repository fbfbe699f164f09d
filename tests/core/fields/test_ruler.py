"""Red cells tell how large a px is."""

import pytest

from core.fields.ruler import red_cell_px
from tests.core.fields.drawn import GROUND, Eye, as_detector, drawn, rows_of

SEES = Eye(sees=(14, 40))  # as a network does: what is about as large as it was taught


@pytest.mark.parametrize("diameter", [12.0, 30.0, 75.0, 130.0, 200.0])
def test_the_median_red_cell_is_measured_at_any_magnification(diameter: float) -> None:
    width = round(12 * diameter)
    image = drawn(width, width, rows_of(width, width, diameter, 1.6 * diameter))
    assert red_cell_px(image, as_detector(SEES), GROUND) == pytest.approx(diameter, rel=0.1)


def test_without_red_cells_nothing_is_measured() -> None:
    assert red_cell_px(drawn(400, 300, []), as_detector(SEES), GROUND) is None
